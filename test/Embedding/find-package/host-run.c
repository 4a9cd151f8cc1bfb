/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Reads a model, compiles it and calls it, all from C:
 *   host-run MODEL.mlir FOLDER
 * where the folder holds its arguments and expected result as .npy. Then tries
 * what must end in an error text. */
#include "moe-c/Dialect.h"
#include "moe-c/Execution.h"
#include "moe-c/Passes.h"
#include "moe-c/Pipelines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path, long *size) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
  }
  *size = ftell(file);
  rewind(file);
  char *text = calloc(1, *size + 1);
  if (!text || fread(text, 1, *size, file) != (size_t)*size)
    exit(1);
  fclose(file);
  return text;
}

/* The data of an .npy file follow a header, whose length it says. */
static float *read_npy(const char *folder, const char *name) {
  char path[4096];
  long size;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  unsigned char *bytes = (unsigned char *)read_file(path, &size);
  return (float *)(bytes + 10 + bytes[8] + 256 * bytes[9]);
}

static MlirStringRef text(const char *string) {
  return mlirStringRefCreateFromCString(string);
}

/* Ends on an error. */
static void expect_success(char *error) {
  if (!error)
    return;
  fprintf(stderr, "%s\n", error);
  exit(1);
}

static void expect_error(const char *what, char *error) {
  printf("%s: %s\n", what, error ? error : "no error");
  moeErrorDestroy(error);
}

static void print_module(MlirStringRef piece, void *data) {
  (void)data;
  fwrite(piece.data, 1, piece.length, stdout);
}

/* A pass manager that dies with the next one. */
static MlirPassManager new_manager(MlirContext context) {
  static MlirPassManager last;
  if (last.ptr)
    mlirPassManagerDestroy(last);
  last = mlirPassManagerCreate(context);
  return last;
}

static MlirOpPassManager add_to(MlirPassManager manager) {
  return mlirPassManagerGetAsOpPassManager(manager);
}

static void run_pipelines(MlirContext context, const char *source) {
  MlirModule module = mlirModuleCreateParse(context, text(source));
  MlirOperation op = mlirModuleGetOperation(module);
  MlirPassManager manager = new_manager(context);
  MoERaiseOptions raise = {.size = sizeof raise, .require = true};
  expect_success(moeAddRaisePipeline(add_to(manager), &raise));
  expect_success(moeAddFusePipeline(add_to(manager)));
  MoEOptimizeOptions optimize = {.size = sizeof optimize, .lanes = 16};
  expect_success(moeAddOptimizePipeline(add_to(manager), &optimize));
  expect_success(moePassManagerRun(manager, op));
  mlirOperationPrint(op, print_module, NULL);

  MlirModule gpu = mlirModuleFromOperation(mlirOperationClone(op));
  manager = new_manager(context);
  MoENVPTXOptions nvptx = {.size = sizeof nvptx, .chip = text("sm_80")};
  expect_success(moeAddToNVPTXPipeline(add_to(manager), &nvptx));
  expect_success(moePassManagerRun(manager, mlirModuleGetOperation(gpu)));
  mlirOperationPrint(mlirModuleGetOperation(gpu), print_module, NULL);
  mlirModuleDestroy(gpu);

  manager = new_manager(context);
  MoECPUOptions cpu = {.size = sizeof cpu, .prefix = text("c_")};
  expect_success(moeAddToCPUPipeline(add_to(manager), &cpu));
  expect_success(moePassManagerRun(manager, op));
  mlirOperationPrint(op, print_module, NULL);
  mlirModuleDestroy(module);

  /* By name, like any pass. */
  module = mlirModuleCreateParse(context, text(source));
  manager = new_manager(context);
  if (mlirLogicalResultIsFailure(mlirParsePassPipeline(
          add_to(manager), text("builtin.module(moe-raise{require})"),
          print_module, NULL)))
    exit(1);
  expect_success(moePassManagerRun(manager, mlirModuleGetOperation(module)));
  mlirModuleDestroy(module);
}

enum { COUNT = 4, TOKENS = 6, WIDTH = 8 };
static const int64_t x_shape[] = {1, TOKENS, WIDTH}, router_shape[] = {4, 8},
                     up_shape[] = {4, 32, 8}, down_shape[] = {4, 8, 16};

static int run_model(MlirModule module, const char *folder) {
  MoEExecutable executable;
  expect_success(moeCompileForCPU(module, text("main"), NULL, &executable));
  MoEBuffer arguments[COUNT] = {
      {read_npy(folder, "in00.npy"), MOE_F32, 3, x_shape},
      {read_npy(folder, "in01.npy"), MOE_F32, 2, router_shape},
      {read_npy(folder, "in02.npy"), MOE_F32, 3, up_shape},
      {read_npy(folder, "in03.npy"), MOE_F32, 3, down_shape}};
  MoEResults results;
  int wrong = 0;
  for (int repeat = 0; repeat < 2; ++repeat) {
    expect_success(moeExecutableCall(executable, COUNT, arguments, &results));
    MoEBuffer y = moeResultsGet(results, 0);
    wrong |= moeResultsGetCount(results) != 1 || moeResultsGet(results, 1).data;
    wrong |= y.type != MOE_F32 || y.rank != 3 ||
             memcmp(y.shape, x_shape, sizeof x_shape);
    const float *expected = read_npy(folder, "out00.npy"), *found = y.data;
    for (int i = 0; i < TOKENS * WIDTH; ++i)
      wrong |= !(fabsf(found[i] - expected[i]) <=
                 1e-4f + 1e-4f * fabsf(expected[i]));
    moeResultsDestroy(results);
  }
  printf("the model %s what PyTorch computed\n", wrong ? "misses" : "gives");

  expect_error("count", moeExecutableCall(executable, 3, arguments, &results));
  arguments[1].shape = x_shape;
  expect_error("shape", moeExecutableCall(executable, 4, arguments, &results));
  arguments[1].shape = router_shape;
  arguments[2].type = MOE_BF16;
  expect_error("type", moeExecutableCall(executable, 4, arguments, &results));
  arguments[2].type = (MoEElementType)99;
  expect_error("kind", moeExecutableCall(executable, 4, arguments, &results));
  arguments[2].type = MOE_F32;
  arguments[3].data = NULL;
  expect_error("data", moeExecutableCall(executable, 4, arguments, &results));
  moeResultsDestroy(results);
  moeExecutableDestroy(executable);
  return wrong;
}

static void try_errors(MlirContext context, MlirModule module) {
  MoEExecutable executable;
  expect_error("entry",
               moeCompileForCPU(module, text("nobody"), NULL, &executable));
  MoECPUOptions cpu = {.size = sizeof cpu, .cpu = text("abacus")};
  expect_error("cpu",
               moeCompileForCPU(module, text("main"), &cpu, &executable));
  cpu.cpu = text("bdver4");
  expect_error("host",
               moeCompileForCPU(module, text("main"), &cpu, &executable));
  cpu.size = 0;
  expect_error("size",
               moeCompileForCPU(module, text("main"), &cpu, &executable));
  struct {
    MoECPUOptions known;
    int later;
  } newer = {{.size = sizeof newer}, 1};
  expect_error("newer", moeCompileForCPU(module, text("main"), &newer.known,
                                         &executable));
  moeExecutableDestroy(executable);
  MlirModule none = {NULL};
  expect_error("module",
               moeCompileForCPU(none, text("main"), NULL, &executable));

  MlirPassManager nested =
      mlirPassManagerCreateOnOperation(context, text("func.func"));
  expect_error("anchor", moeAddFusePipeline(add_to(nested)));
  expect_error("run",
               moePassManagerRun(nested, mlirModuleGetOperation(module)));
  mlirPassManagerDestroy(nested);
  MlirPassManager manager = new_manager(context);
  MoENVPTXOptions nvptx = {.size = sizeof nvptx, .chip = text("sm_1")};
  expect_success(moeAddToNVPTXPipeline(add_to(manager), &nvptx));
  expect_error("chip",
               moePassManagerRun(manager, mlirModuleGetOperation(module)));

  mlirContextSetAllowUnregisteredDialects(context, true);
  MlirModule foreign = mlirModuleCreateParse(
      context, text("func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
                    "  %0 = \"other.op\"(%x) : (tensor<4xf32>) -> "
                    "tensor<4xf32>\n"
                    "  return %0 : tensor<4xf32>\n}\n"));
  expect_error("foreign",
               moeCompileForCPU(foreign, text("main"), NULL, &executable));
  mlirModuleDestroy(foreign);
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 1;
  long size;
  char *source = read_file(argv[1], &size);
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  moeRegisterAll(registry);
  moeRegisterPasses();
  MlirContext context = mlirContextCreateWithRegistry(registry, true);
  mlirDialectRegistryDestroy(registry);
  MlirDialect dialect =
      mlirDialectHandleLoadDialect(mlirGetDialectHandle__moe__(), context);
  MlirStringRef name = mlirDialectGetNamespace(dialect);
  printf("dialect %.*s\n", (int)name.length, name.data);

  run_pipelines(context, source);
  MlirModule module = mlirModuleCreateParse(context, text(source));
  int wrong = run_model(module, argv[2]);
  try_errors(context, module);
  mlirModuleDestroy(module);
  new_manager(context);
  free(source);
  return wrong;
}
