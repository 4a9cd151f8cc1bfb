/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Two compiled Mixtral blocks, one for six tokens and one for any number, in a
 * program that knows nothing of MLIR. Its arguments are the folders with their
 * weights and with what PyTorch computed. */
#include "any.h"
#include "six.h"

#include <math.h>
#include <stdio.h>

enum { TOKENS = 6, WIDTH = 8, EXPERTS = 4, HIDDEN = 16 };

static float x[TOKENS * WIDTH], router[EXPERTS * WIDTH];
static float up[EXPERTS * 2 * HIDDEN * WIDTH], down[EXPERTS * WIDTH * HIDDEN];
static float expected[TOKENS * WIDTH];

/* The data of an .npy file follow a header, whose length it says. */
static void read_npy(const char *folder, const char *name, float *to,
                     size_t count) {
  char path[4096];
  unsigned char head[10];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file || fread(head, 1, 10, file) != 10 ||
      fseek(file, head[8] + 256 * head[9], SEEK_CUR) ||
      fread(to, sizeof *to, count, file) != count) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
  }
  fclose(file);
}

static void read_model(const char *folder) {
  read_npy(folder, "in00.npy", x, TOKENS * WIDTH);
  read_npy(folder, "in01.npy", router, EXPERTS * WIDTH);
  read_npy(folder, "in02.npy", up, EXPERTS * 2 * HIDDEN * WIDTH);
  read_npy(folder, "in03.npy", down, EXPERTS * WIDTH * HIDDEN);
  read_npy(folder, "out00.npy", expected, TOKENS * WIDTH);
}

static int check(const char *what, const float *y, int64_t tokens) {
  for (int64_t i = 0; i < tokens * WIDTH; ++i)
    if (!(fabsf(y[i] - expected[i]) <= 1e-4f + 1e-4f * fabsf(expected[i]))) {
      printf("%s: element %d is %g, PyTorch has %g\n", what, (int)i, y[i],
             expected[i]);
      return 1;
    }
  printf("%s: all %d elements agree\n", what, (int)(tokens * WIDTH));
  return 0;
}

int main(int argc, char **argv) {
  int wrong = 0;
  if (argc != 3)
    return 1;
  read_model(argv[1]);
  float y[TOKENS * WIDTH];
  if (six_main(x, router, up, down, y))
    return 1;
  wrong |= check("six tokens", y, TOKENS);

  read_model(argv[2]);
  /* Tokens do not see each other, so the first ones alone give the same. */
  for (int64_t tokens = 0; tokens <= TOKENS; ++tokens) {
    float *result;
    int64_t shape[3];
    if (any_main(x, tokens, router, up, down, &result, shape))
      return 1;
    wrong |= shape[0] != 1 || shape[1] != tokens || shape[2] != WIDTH;
    wrong |= check("any tokens", result, tokens);
    free(result);
  }
  return wrong;
}
