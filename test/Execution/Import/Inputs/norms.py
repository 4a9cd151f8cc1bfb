#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO batch_norm_inference, batch_norm_training and batch_norm_grad
against NumPy."""

import numpy as np

from hlo import as_type, main, parametrize

rng = np.random.default_rng(31)

SHAPES = [((4, 3), 1), ((2, 5, 3), 0), ((3, 7, 2, 5), 1), ((6,), 0), ((1, 4), 1),
          ((3, 0), 1)]
EPSILON = 0.01


def props(feature):
    return f"epsilon = {EPSILON} : f32, feature_index = {feature} : i64"


def setting(shape, feature, kind):
    """Operand, shape that broadcasts features, axes of the statistics."""
    x = as_type(rng.normal(1, 2, shape), kind).astype(np.float64)
    spread = [n if d == feature else 1 for d, n in enumerate(shape)]
    axes = tuple(d for d in range(len(shape)) if d != feature)
    def features(low, high):
        return as_type(rng.uniform(low, high, shape[feature]), kind).astype(np.float64)
    return x, spread, axes, features


@parametrize(["f32", "f64", "bf16"])
def inference(p, kind):
    for shape, feature in SHAPES:
        x, spread, _, features = setting(shape, feature, kind)
        scale, offset = features(-2, 2), features(-1, 1)
        mean, variance = features(-1, 1), features(0, 3)
        normal = (x - mean.reshape(spread)) / np.sqrt(variance + EPSILON).reshape(spread)
        args = [p.arg(v, kind) for v in (x, scale, offset, mean, variance)]
        p.expect(p.op("stablehlo.batch_norm_inference", args, shape, kind,
                      props(feature)),
                 normal * scale.reshape(spread) + offset.reshape(spread))


@parametrize(["f32", "f64", "bf16"])
def training(p, kind):
    for shape, feature in SHAPES:
        x, spread, axes, features = setting(shape, feature, kind)
        scale, offset = features(-2, 2), features(-1, 1)
        mean, variance = x.mean(axes), x.var(axes)
        normal = (x - mean.reshape(spread)) / np.sqrt(variance + EPSILON).reshape(spread)
        out = p.ops("stablehlo.batch_norm_training",
                    [p.arg(v, kind) for v in (x, scale, offset)],
                    [(shape, kind)] + [((shape[feature],), kind)] * 2, props(feature))
        p.expect(out[0], normal * scale.reshape(spread) + offset.reshape(spread))
        p.expect(out[1], mean)
        p.expect(out[2], variance)


@parametrize(["f32", "f64", "bf16"])
def gradients(p, kind):
    for shape, feature in SHAPES:
        x, spread, axes, features = setting(shape, feature, kind)
        scale, gradient = features(-2, 2), as_type(rng.normal(size=shape), kind)
        gradient = gradient.astype(np.float64)
        mean = as_type(x.mean(axes), kind).astype(np.float64)
        variance = as_type(x.var(axes), kind).astype(np.float64)
        centered = x - mean.reshape(spread)
        deviation = np.sqrt(variance + EPSILON)
        count = x.size / max(shape[feature], 1)
        # The chain rule, by way of mean and variance.
        outer = gradient * scale.reshape(spread)
        to_variance = (outer * centered).sum(axes) * -0.5 / deviation ** 3
        to_mean = -outer.sum(axes) / deviation
        expected = (outer / deviation.reshape(spread)
                    + to_variance.reshape(spread) * 2 * centered / max(count, 1)
                    + to_mean.reshape(spread) / max(count, 1))
        out = p.ops("stablehlo.batch_norm_grad",
                    [p.arg(v, kind) for v in (x, scale, mean, variance, gradient)],
                    [(shape, kind)] + [((shape[feature],), kind)] * 2, props(feature))
        p.expect(out[0], expected)
        p.expect(out[1], (gradient * centered).sum(axes) / deviation)
        p.expect(out[2], gradient.sum(axes))


if __name__ == "__main__":
    main(__doc__)
