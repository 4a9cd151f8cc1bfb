// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Runtime/Runtime.h"

#include "gtest/gtest.h"

#include <atomic>
#include <thread>
#include <vector>

namespace {
using Counters = std::vector<std::atomic<int>>;

void count(void *context, int64_t index) {
  (*static_cast<Counters *>(context))[index].fetch_add(1);
}

TEST(ParallelTest, EveryIndexOnce) {
  for (int64_t n : {0, 1, 2, 3, 1000}) {
    Counters counters(n + 1);
    moe_parallel_for(count, &counters, n);
    for (int64_t i = 0; i < n; ++i)
      EXPECT_EQ(counters[i], 1);
    EXPECT_EQ(counters[n], 0);
  }
  Counters none(1);
  moe_parallel_for(count, &none, -5);
  EXPECT_EQ(none[0], 0);
}

TEST(ParallelTest, HandsOutInAscendingOrder) {
  // Each index takes the next number when it starts; it may start late by no
  // more than the other workers.
  struct State {
    std::atomic<int64_t> started{0}, latest{0};
  } state;
  moe_parallel_for(
      [](void *context, int64_t index) {
        auto *state = static_cast<State *>(context);
        int64_t position = state->started.fetch_add(1);
        int64_t ahead = index > position ? index - position : 0;
        int64_t known = state->latest;
        while (ahead > known &&
               !state->latest.compare_exchange_weak(known, ahead))
          ;
      },
      &state, 10000);
  EXPECT_EQ(state.started, 10000);
  EXPECT_LE(state.latest, int64_t(std::thread::hardware_concurrency()));
}

TEST(ParallelTest, NestsAndRunsFromManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> total{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      moe_parallel_for(
          [](void *context, int64_t) {
            moe_parallel_for(
                [](void *context, int64_t) {
                  ++*static_cast<std::atomic<int> *>(context);
                },
                context, 50);
          },
          &total, 20);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(total, 4 * 20 * 50);
}

int hostCalls = 0;

void hostParallelFor(moe_parallel_body body, void *context, int64_t count) {
  ++hostCalls;
  for (int64_t i = 0; i < count; ++i)
    body(context, i);
}

TEST(ParallelTest, HostBringsItsOwnPool) {
  EXPECT_EQ(moe_register_parallel_for(hostParallelFor), nullptr);
  Counters counters(10);
  moe_parallel_for(count, &counters, 10);
  EXPECT_EQ(hostCalls, 1);
  EXPECT_EQ(counters[9], 1);
  EXPECT_EQ(moe_register_parallel_for(nullptr), hostParallelFor);
  moe_parallel_for(count, &counters, 10);
  EXPECT_EQ(hostCalls, 1);
  EXPECT_EQ(counters[9], 2);
}
} // namespace
