/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "odd.h"

#include <stdio.h>

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      printf("line %d: not %s\n", __LINE__, #condition);                       \
      return 1;                                                                \
    }                                                                          \
  } while (0)

static int check_several(void) {
  const float x[6] = {1, 2, 3, 4, 5, 6};
  float *doubled, *again, *same;
  int64_t shape[3][2];
  bool flag = false;
  double number = 0;
  CHECK(!odd_several(x, 3, 7, &doubled, shape[0], &flag, &again, shape[1],
                     &same, shape[2], &number));
  for (int i = 0; i < 3; ++i)
    CHECK(shape[i][0] == 3 && shape[i][1] == 2);
  for (int i = 0; i < 6; ++i)
    CHECK(doubled[i] == 2 * x[i] && again[i] == 2 * x[i] && same[i] == x[i]);
  CHECK(flag && number == 7);
  free(doubled);
  free(again);
  free(same);
  return 0;
}

int main(void) {
  int64_t sum;
  CHECK(!odd_scalars(2.5f, 40, true, &sum) && sum == 43);
  CHECK(!check_several());
  /* Twice: what is handed out is a copy. */
  for (int i = 0; i < 2; ++i) {
    int32_t constant[3];
    CHECK(!odd_constant(constant));
    CHECK(constant[0] == 5 && constant[1] == 6 && constant[2] == 7);
  }
  float one = 1, two;
  CHECK(!odd_rank_zero(&one, &two) && two == 2);
  /* 1 and -2 as f16, 1 and 0.5 as bf16. */
  const uint16_t f16[2] = {0x3c00, 0xc000}, bf16[2] = {0x3f80, 0x3f00};
  uint16_t half[2];
  CHECK(!odd_half(f16, bf16, half));
  CHECK(half[0] == 0x4000 && half[1] == 0xbe00);
  float buffer[7] = {0};
  CHECK(!odd_fill(buffer, 2, 3, 4.0f));
  CHECK(buffer[0] == 4 && buffer[5] == 4 && buffer[6] == 0);
  CHECK(!odd_nothing());
  return 0;
}
