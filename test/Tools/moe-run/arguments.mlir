// Missing arguments come from the seed, each from a stream of its own.

// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: moe-run %s --backend=reference --dim=3 --dim=5 --int-max=7 --output=a0.npy --output=a1.npy --output=a2.npy
// RUN: moe-run %s --backend=cpu --dim=3 --dim=5 --int-max=7 \
// RUN:   --expect=a0.npy --expect=a1.npy --expect=a2.npy --rtol=0 --atol=0
// RUN: not moe-run %s --backend=reference --dim=3 --dim=5 --seed=1 --expect=a0.npy

// Giving the first leaves the others as they are, and --dim is for those that
// have no file.
// RUN: moe-run %s --backend=reference --input=a0.npy --dim=5 --int-max=7 \
// RUN:   --expect=a0.npy --expect=a1.npy --expect=a2.npy --rtol=0 --atol=0

// Floats are scaled by the root of the last dimension from rank 2 on; integers
// lie in [0, int-max].
// RUN: moe-run %s --backend=reference --dim=100 --dim=1000 --int-max=7 \
// RUN:   --output=b0.npy --output=b1.npy --output=b2.npy
// RUN: %python -c "import numpy as np; a, n, v = (np.load('b%%d.npy' %% i) for i in range(3)); \
// RUN:   assert a.shape == (100, 64) and abs(a.std() * 8 - 1) < 0.05; \
// RUN:   assert set(n) == set(range(8)); assert abs(v.std() - 1) < 0.1"

func.func @main(%a: tensor<?x64xf32>, %n: tensor<?xi32>, %v: tensor<1000xf32>)
    -> (tensor<?x64xf32>, tensor<?xi32>, tensor<1000xf32>) {
  return %a, %n, %v : tensor<?x64xf32>, tensor<?xi32>, tensor<1000xf32>
}
