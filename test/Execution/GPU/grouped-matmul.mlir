// REQUIRES: cuda-driver

// Grouped matmul on the device against numpy, under the checkers of the PTX
// interpreter where that is the driver: f32 products.
// RUN: %python %S/../reference.py grouped_matmul --to %t/up --tokens 129 --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --ids empty
// RUN: %gpu_check -- moe-run %S/../grouped_matmul.mlir --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up/in0.npy --input=%t/up/in1.npy --input=%t/up/in2.npy --input=%t/up/in3.npy \
// RUN:   --expect=%t/up/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-hot --tokens 64 --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather --ids hot
// RUN: %gpu_check -- moe-run %S/../grouped_matmul.mlir --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-hot/in0.npy --input=%t/up-hot/in1.npy --input=%t/up-hot/in2.npy --input=%t/up-hot/in3.npy \
// RUN:   --expect=%t/up-hot/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-0 --tokens 0 --experts 8 --depth 72 --width 16 --parts 2 --epilogue swiglu --gather
// RUN: %gpu_check --may-launch-nothing -- moe-run %S/../grouped_matmul.mlir --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-0/in0.npy --input=%t/up-0/in1.npy --input=%t/up-0/in2.npy --input=%t/up-0/in3.npy \
// RUN:   --expect=%t/up-0/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/interleaved --tokens 7 --experts 3 --slots 1 --depth 100 --width 5 --parts 2 --epilogue swiglu --gather --interleaved --type bf16
// RUN: %gpu_check -- moe-run %S/../grouped_matmul.mlir --entry=interleaved --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/interleaved/in0.npy --input=%t/interleaved/in1.npy --input=%t/interleaved/in2.npy --input=%t/interleaved/in3.npy \
// RUN:   --expect=%t/interleaved/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/tiny --tokens 2 --experts 1 --slots 1 --depth 1 --width 1
// RUN: %gpu_check -- moe-run %S/../grouped_matmul.mlir --entry=tiny --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/tiny/in0.npy --input=%t/tiny/in1.npy --input=%t/tiny/in2.npy \
// RUN:   --expect=%t/tiny/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/three --tokens 31 --experts 3 --depth 5 --width 8 --parts 3 --epilogue sum_times
// RUN: %gpu_check -- moe-run %S/../grouped_matmul.mlir --entry=three --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/three/in0.npy --input=%t/three/in1.npy --input=%t/three/in2.npy \
// RUN:   --expect=%t/three/out0.npy
