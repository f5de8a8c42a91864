"""Attention of T5: relative positions, keys and values that are kept."""
import math
from typing import List, NamedTuple, Optional, Tuple

import torch
from torch import nn, Tensor
import torch.nn.functional as F


class T5LayerNorm(nn.Module):
    def __init__(self, hidden_size: int, eps: float = 1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, hidden_states: Tensor) -> Tensor:
        variance = hidden_states.to(torch.float32).pow(2).mean(-1, keepdim=True)
        hidden_states = hidden_states * torch.rsqrt(variance + self.variance_epsilon)
        return self.weight * hidden_states


class T5Attention(nn.Module):
    def __init__(self, d_model: int, d_kv: int, num_heads: int, has_relative_attention_bias: bool = False, is_decoder: bool = False):
        super().__init__()
        self.is_decoder = is_decoder
        self.has_relative_attention_bias = has_relative_attention_bias
        self.relative_attention_num_buckets = 8
        self.relative_attention_max_distance = 20
        self.key_value_proj_dim = d_kv
        self.n_heads = num_heads
        self.inner_dim = self.n_heads * self.key_value_proj_dim
        self.q = nn.Linear(d_model, self.inner_dim, bias=False)
        self.k = nn.Linear(d_model, self.inner_dim, bias=False)
        self.v = nn.Linear(d_model, self.inner_dim, bias=False)
        self.o = nn.Linear(self.inner_dim, d_model, bias=False)
        if self.has_relative_attention_bias:
            self.relative_attention_bias = nn.Embedding(self.relative_attention_num_buckets, self.n_heads)

    @staticmethod
    def _relative_position_bucket(relative_position, bidirectional=True, num_buckets=32, max_distance=128):
        relative_buckets = 0
        if bidirectional:
            num_buckets //= 2
            relative_buckets += (relative_position > 0).to(torch.long) * num_buckets
            relative_position = torch.abs(relative_position)
        else:
            relative_position = -torch.min(relative_position, torch.zeros_like(relative_position))
        max_exact = num_buckets // 2
        is_small = relative_position < max_exact
        relative_position_if_large = max_exact + (
            torch.log(relative_position.float() / max_exact)
            / math.log(max_distance / max_exact)
            * (num_buckets - max_exact)
        ).to(torch.long)
        relative_position_if_large = torch.min(
            relative_position_if_large, torch.full_like(relative_position_if_large, num_buckets - 1)
        )
        relative_buckets += torch.where(is_small, relative_position, relative_position_if_large)
        return relative_buckets

    def compute_bias(self, query_length, key_length, device=None):
        if device is None:
            device = self.relative_attention_bias.weight.device
        context_position = torch.arange(query_length, dtype=torch.long, device=device)[:, None]
        memory_position = torch.arange(key_length, dtype=torch.long, device=device)[None, :]
        relative_position = memory_position - context_position
        bucket = self._relative_position_bucket(
            relative_position,
            bidirectional=(not self.is_decoder),
            num_buckets=self.relative_attention_num_buckets,
            max_distance=self.relative_attention_max_distance,
        )
        values = self.relative_attention_bias(bucket)
        return values.permute([2, 0, 1]).unsqueeze(0)

    def forward(
        self,
        hidden_states: Tensor,
        position_bias: Optional[Tensor] = None,
        past_key_value: Optional[Tuple[Tensor, Tensor]] = None,
    ):
        batch_size, seq_length = hidden_states.shape[:2]

        def shape(states):
            return states.view(batch_size, -1, self.n_heads, self.key_value_proj_dim).transpose(1, 2)

        def unshape(states):
            return states.transpose(1, 2).contiguous().view(batch_size, -1, self.inner_dim)

        query_states = shape(self.q(hidden_states))
        key_states = shape(self.k(hidden_states))
        value_states = shape(self.v(hidden_states))
        if past_key_value is not None:
            key_states = torch.cat([past_key_value[0], key_states], dim=2)
            value_states = torch.cat([past_key_value[1], value_states], dim=2)
        scores = torch.matmul(query_states, key_states.transpose(3, 2))
        if position_bias is None:
            real_length = key_states.shape[2]
            if not self.has_relative_attention_bias:
                position_bias = torch.zeros((1, self.n_heads, seq_length, real_length), device=scores.device, dtype=scores.dtype)
            else:
                position_bias = self.compute_bias(real_length, real_length, device=scores.device)
            if past_key_value is not None:
                position_bias = position_bias[:, :, -hidden_states.size(1):, :]
        scores += position_bias
        attn_weights = F.softmax(scores.float(), dim=-1).type_as(scores)
        attn_output = self.o(unshape(torch.matmul(attn_weights, value_states)))
        present = (key_states, value_states)
        return attn_output, present, position_bias


class T5Block(nn.Module):
    def __init__(self, d_model, d_kv, num_heads, d_ff, has_bias):
        super().__init__()
        self.norm1 = T5LayerNorm(d_model)
        self.attention = T5Attention(d_model, d_kv, num_heads, has_relative_attention_bias=has_bias, is_decoder=True)
        self.norm2 = T5LayerNorm(d_model)
        self.wi = nn.Linear(d_model, d_ff, bias=False)
        self.wo = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x, position_bias=None, past=None):
        attended, present, position_bias = self.attention(self.norm1(x), position_bias, past)
        x = x + attended
        x = x + self.wo(F.relu(self.wi(self.norm2(x))))
        return x, present, position_bias


class T5Stack(nn.Module):
    def __init__(self, vocab=50, d_model=32, d_kv=8, num_heads=4, d_ff=64, num_layers=3):
        super().__init__()
        self.embed = nn.Embedding(vocab, d_model)
        self.block = nn.ModuleList([T5Block(d_model, d_kv, num_heads, d_ff, has_bias=(i == 0)) for i in range(num_layers)])
        self.final_layer_norm = T5LayerNorm(d_model)
        self.lm_head = nn.Linear(d_model, vocab, bias=False)

    def forward(self, ids: Tensor, past: Optional[List[Tuple[Tensor, Tensor]]] = None):
        x = self.embed(ids)
        presents = []
        bias = None
        for i, layer in enumerate(self.block):
            layer_past = past[i] if past is not None else None
            x, present, bias = layer(x, bias, layer_past)
            presents.append(present)
        return self.lm_head(self.final_layer_norm(x)), presents


if __name__ == "__main__":
    torch.manual_seed(1)
    model = T5Stack()
    model.eval()
    ids = torch.randint(0, 50, (2, 5))
    with torch.no_grad():
        logits, past = model(ids)
        print(logits.shape, logits.sum().item())
        for _ in range(4):
            token = logits[:, -1].argmax(-1, keepdim=True)
            logits, past = model(token, past)
            print(token.float().mean().item(), len(past), past[0][0].shape[2])
