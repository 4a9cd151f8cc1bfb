# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The rows of the table of routers: the function that runs, who routes so, and an
edit that the verifier has to refuse, with words of its message."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    """A function of <file>.mlir, with its values in Values/<name>."""

    file: str
    name: str
    who: str
    old: str
    new: str
    message: str

    @property
    def bounds(self):
        """By type, what a back end may be off: at most b + b |y|."""
        return {"f32": "1e-6", "bf16": "1e-2"}


@dataclasses.dataclass(frozen=True)
class System(Row):
    """A complete model of test/Models; `data` is what its reference.py takes."""

    data: str

    @property
    def bounds(self):
        return {"f32": "1e-5", "bf16": "2e-2"}


SYSTEMS = [
    System("systems", "adaptive_gating", "Adaptive gating",
           "#moe.gap<2>", "#moe.gap<9>", "picks 9 experts", "10 0.1"),
    System("systems", "expert_choice", "Expert choice",
           "scope 10", "scope 0", "scope must be positive", "static 10 2"),
    System("systems", "rmoe", "RMoE",
           "router_cell gru", "router_cell lstm", "lstm has weights of types", "6"),
    System("systems", "infinity_moe", "Infinity-MoE",
           "#moe.top_k<4>", "#moe.top_k<17>", "picks 17 experts", "6 4"),
]

ROUTERS = [
    Row("softmax", "mixtral", "Mixtral, MiniMax-Text, Qwen3-MoE, Qwen4-Exp, OLMoE with norm, "
        "Hunyuan",
        "top_k<2>", "top_k<9>", "picks 9 experts"),
    Row("softmax", "olmoe", "OLMoE, Jamba, Qwen2-MoE",
        "top_k<3>", "top_k<0>", "picks 0 experts"),
    Row("softmax", "dbrx", "DBRX",
        "norm lp {p = 1.0}", "norm sum {p = 1.0}", "p is for norm lp only"),
    Row("softmax", "deepseek_v2", "DeepSeek-V2, greedy",
        "{scale = 16.0}", "{scale = 0x7FF0000000000000 : f64}",
        "scale must be finite"),
    Row("softmax", "deepseek_v2_group", "DeepSeek-V2, by groups",
        "n = 4", "n = 5", "splits 12 experts into 5 groups"),
    Row("softmax", "mistral_large4", "Mistral Large 4",
        "top = 2", "top = 4", "scores a group by its 4 largest keys"),
    Row("softmax", "ernie4_5_moe", "ERNIE 4.5",
        "{clamp = 1.0e-12}", "{clamp = -1.0}", "clamp must be finite"),
    Row("softmax", "gemma4", "Gemma 4",
        "tensor<8xf32>", "tensor<7xf32>", "per_expert has type"),
    Row("softmax", "soft_moe", "Soft MoE",
        "softmax %l axis", "sigmoid %l axis", "has an axis"),
    Row("sigmoid", "deepseek_v3", "DeepSeek-V3, GLM-4, dots1, dots3-note, Kimi Linear, HY-V4, "
        "GLM-5-Next, MiMo-V2-Flash, Nemotron-H, Solar Open, A.X-K1, "
        "Bailing, EXAONE-MoE, Beam",
        "keep = 2", "keep = 1", "keeps 1 groups of 4 experts"),
    Row("sigmoid", "axk2", "A.X-K2",
        "keep = 2", "keep = 5", "keeps 5 of 4 groups"),
    Row("sigmoid", "deepseek_inference", "DeepSeek's own gate",
        "top_k<5>", "top_k<17>", "picks 17 experts"),
    Row("sigmoid", "minimax_m2", "MiniMax-M2, MiniMax-M3, Step-3.7",
        "top_k<3>", "top_k<9>", "picks 9 experts"),
    Row("sigmoid", "hy_v3", "HY-V3, Laguna, AFMoE, Inkling 2",
        "eps = 1.0e-20", "eps = -1.0", "eps must be finite"),
    Row("sigmoid", "lfm2_moe", "LFM2",
        "norm sum {eps", "norm lp {p = 1.0, eps", "eps must be finite"),
    Row("sigmoid", "muse_spark", "Muse Spark",
        "{eps = 1.0e-15}", "{eps = 1.0e-15, clamp = 1.0e-15}", "clamp must be finite"),
    Row("sigmoid", "kolibri1", "Kolibri-1",
        "sigmoid %l, %e norm sum", "sigmoid %l, %e norm sum {band = 0.1}",
        "band is for band_softmax only"),
    Row("sigmoid", "inkling", "Inkling",
        "always_on 2", "always_on 10", "always_on is 10 of 10 columns"),
    Row("sigmoid", "deepseek_v4", "DeepSeek-V4",
        "score sqrtsoftplus %l", "score sqrtsoftplus %l axis tokens", "has an axis"),
    Row("logits", "granitemoe", "Granite, JetMoE, Aria, Cohere2",
        "top_k<3>", "top_k<9>", "picks 9 experts"),
    Row("logits", "gpt_oss", "gpt-oss",
        "softmax_selected %l, %e", "softmax_selected %l, %e columns 9",
        "columns is 9"),
    Row("logits", "cohere2_sigmoid", "Cohere2, sigmoid",
        "norm sum", "norm lp", "norm lp needs p"),
    Row("logits", "llama4", "Llama 4",
        "slots 1 weights", "slots 2 weights", "weights have type"),
    Row("logits", "phimoe", "PhiMoE",
        "{band = 0.01}", "{band = -0.01}", "band must be finite and not negative"),
    Row("logits", "deepseek_v4_hash", "DeepSeek-V4, hash layers",
        "#moe.table<3>", "#moe.table<4>",
        "table takes a table of integers, 4 wide"),
    Row("logits", "hash_layers", "hash layers",
        "#moe.table<1>", "#moe.table<2>",
        "table takes a table of integers, 2 wide"),
    Row("rules", "top_p", "Dynamic MoE (top-p)",
        "params(%p : f32)", "", "cumulative takes p, a float"),
    Row("rules", "xmoe", "XMoE-2024",
        "of 8 factor", "of 0 factor",
        "the numbers of experts and slots must be positive"),
    Row("rules", "remoe", "ReMoE",
        "#moe.positive", "#moe.positive<max = 9>", "picks 9 experts"),
    Row("rules", "dynmoe", "DynMoE",
        "min_active = 1", "min_active = 9", "above has min_active 9"),
    Row("capacity", "switch_transformers", "Switch",
        "scope 4", "scope 0", "scope must be positive and fit an i32"),
    Row("capacity", "nllb_moe", "NLLB",
        "renormalize {clamp", "{clamp", "clamp must be finite"),
    Row("capacity", "nllb_moe_before", "NLLB, normalised before dropping",
        "capacity 2", "capacity -1", "capacity must be an i32 and not negative"),
    Row("capacity", "gshard", "GShard",
        "factor 2.0", "factor -2.0", "factor must be finite and not negative"),
    Row("capacity", "gshard_threshold", "GShard, second expert by threshold",
        "#moe.gap<2,", "#moe.gap<1,", "gap picks up to 1 experts"),
    Row("capacity", "deepspeed", "DeepSpeed, two best",
        "{min = 1", "{min = -1",
        "min must not be negative"),
    Row("columns", "longcat_flash", "LongCat-Flash",
        "identity 4", "identity -4", "has 0 constant and -4 identity columns from 8"),
    Row("columns", "adamoe", "AdaMoE",
        "columns 6", "columns 9", "columns is 9"),
    Row("columns", "moepp", "MoE++",
        "first 4", "first -4", "has 2 constant and 1 identity columns from -4"),
    Row("columns", "zaya", "ZAYA",
        "weights(%a : tensor<4xf32>)", "weights(%layers : tensor<9x4xf32>)",
        "ema has weights of types"),
    Row("columns", "rmoe_router", "RMoE",
        "router_cell gru", "router_cell lstm",
        "lstm has weights of types"),
]

ROWS = SYSTEMS + ROUTERS
