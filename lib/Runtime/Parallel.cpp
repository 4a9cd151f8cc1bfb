// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Runtime/Runtime.h"

#include <atomic>

#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

namespace {
std::atomic<moe_parallel_for_function> registered{nullptr};

/// Workers share a counter rather than ranges: generated code orders its tiles
/// longest first, and only one-at-a-time hand-out keeps that order.
void parallelForOnTBB(moe_parallel_body body, void *context, int64_t count) {
  int64_t workers = tbb::this_task_arena::max_concurrency();
  if (workers > count)
    workers = count;
  if (workers <= 1) {
    for (int64_t i = 0; i < count; ++i)
      body(context, i);
    return;
  }
  std::atomic<int64_t> next{0};
  tbb::parallel_for(
      int64_t(0), workers,
      [&](int64_t) {
        for (int64_t i;
             (i = next.fetch_add(1, std::memory_order_relaxed)) < count;)
          body(context, i);
      },
      tbb::simple_partitioner());
}
} // namespace

extern "C" void moe_parallel_for(moe_parallel_body body, void *context,
                                 int64_t count) {
  if (auto function = registered.load(std::memory_order_acquire))
    function(body, context, count);
  else
    parallelForOnTBB(body, context, count);
}

extern "C" moe_parallel_for_function
moe_register_parallel_for(moe_parallel_for_function function) {
  return registered.exchange(function, std::memory_order_acq_rel);
}
