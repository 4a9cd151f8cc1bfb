// REQUIRES: cuda-driver

// Vectors of experts on the device against numpy, under the checkers of the PTX
// interpreter where that is the driver: f32 products.
// RUN: %python %S/../reference.py grouped_matmul --to %t/up --tokens 129 --ids empty \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: %gpu_check -- moe-run %S/../grouped-matmul-vectors.mlir --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up/in0.npy --input=%t/up/in1.npy --input=%t/up/in2.npy --input=%t/up/in3.npy --input=%t/up/in4.npy \
// RUN:   --expect=%t/up/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-hot --tokens 64 --ids hot \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: %gpu_check -- moe-run %S/../grouped-matmul-vectors.mlir --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-hot/in0.npy --input=%t/up-hot/in1.npy --input=%t/up-hot/in2.npy --input=%t/up-hot/in3.npy --input=%t/up-hot/in4.npy \
// RUN:   --expect=%t/up-hot/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-1 --tokens 1 \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: %gpu_check -- moe-run %S/../grouped-matmul-vectors.mlir --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-1/in0.npy --input=%t/up-1/in1.npy --input=%t/up-1/in2.npy --input=%t/up-1/in3.npy --input=%t/up-1/in4.npy \
// RUN:   --expect=%t/up-1/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/up-0 --tokens 0 \
// RUN:   --experts 8 --depth 72 --width 24 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1
// RUN: %gpu_check --may-launch-nothing -- moe-run %S/../grouped-matmul-vectors.mlir --entry=up --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/up-0/in0.npy --input=%t/up-0/in1.npy --input=%t/up-0/in2.npy --input=%t/up-0/in3.npy --input=%t/up-0/in4.npy \
// RUN:   --expect=%t/up-0/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/odd --tokens 100 --ids empty \
// RUN:   --experts 3 --slots 1 --depth 100 --width 13 --parts 2 --epilogue clamped --gather --interleaved --bias-stride 1 --type bf16 --sum-type bf16
// RUN: %gpu_check -- moe-run %S/../grouped-matmul-vectors.mlir --entry=odd --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/odd/in0.npy --input=%t/odd/in1.npy --input=%t/odd/in2.npy --input=%t/odd/in3.npy --input=%t/odd/in4.npy \
// RUN:   --expect=%t/odd/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/far --tokens 31 \
// RUN:   --experts 3 --depth 5 --width 21 --epilogue double --bias-stride 5
// RUN: %gpu_check -- moe-run %S/../grouped-matmul-vectors.mlir --entry=far --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/far/in0.npy --input=%t/far/in1.npy --input=%t/far/in2.npy --input=%t/far/in3.npy \
// RUN:   --expect=%t/far/out0.npy
// RUN: %python %S/../reference.py grouped_matmul --to %t/branch --tokens 9 \
// RUN:   --depth 8 --width 8 --gather --bias-stride 1
// RUN: %gpu_check -- moe-run %S/../grouped-matmul-vectors.mlir --entry=branch --backend=nvptx --chip=sm_80 \
// RUN:   --input=%t/branch/in0.npy --input=%t/branch/in1.npy --input=%t/branch/in2.npy --input=%t/branch/in3.npy --input=%t/branch/in4.npy \
// RUN:   --expect=%t/branch/out0.npy
