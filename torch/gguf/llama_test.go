package gguf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/gguf"
)

// The file has queries and keys as llama.cpp's converter writes them; before it they were
// the numbers from 0 on.
func TestLlama(t *testing.T) {
	file := open(t, "llama.gguf")
	l, err := gguf.NewLlama(file)
	require.NoError(t, err)
	layer := "model.layers.0."
	assert.Equal(t, []string{
		"model.embed_tokens.weight", "model.norm.weight", "rope_freqs.weight", layer + "input_layernorm.weight", layer + "post_attention_layernorm.weight",
		layer + "self_attn.q_proj.weight", layer + "self_attn.q_proj.bias", layer + "self_attn.k_proj.weight", layer + "self_attn.v_proj.weight",
		layer + "self_attn.o_proj.weight", layer + "mlp.gate_proj.weight", layer + "mlp.up_proj.weight", layer + "mlp.down_proj.weight",
	}, l.Names())
	for _, name := range l.Names() {
		info, err := l.Info(name)
		require.NoError(t, err)
		dtype, shape, err := l.Describe(name)
		require.NoError(t, err)
		assert.Equal(t, info.DType, dtype, name)
		assert.Equal(t, info.Shape, shape, name)
		x, err := l.Tensor(name)
		require.NoError(t, err)
		assert.Equal(t, info.Shape, x.Shape(), name)
		x.Close()
	}
	rows := elements(t, file, "token_embd.weight")
	assert.Equal(t, rows, elements(t, l, layer+"self_attn.q_proj.weight"))
	assert.Equal(t, rows[:16], elements(t, l, layer+"self_attn.k_proj.weight"))
	assert.Equal(t, rows, elements(t, l, layer+"self_attn.v_proj.weight"))
	assert.Equal(t, []float32{0, 4, 8, 12, 16, 20, 24, 28}, elements(t, l, layer+"self_attn.q_proj.bias"))
	assert.NotEqual(t, rows, elements(t, file, "blk.0.attn_q.weight"))

	_, err = l.Tensor("blk.0.attn_q.weight")
	assert.EqualError(t, err, `gguf: testdata/files/llama.gguf has no tensor "blk.0.attn_q.weight"`)
	_, err = l.Info("none")
	assert.ErrorContains(t, err, `no tensor "none"`)
}

func TestLlamaRefuses(t *testing.T) {
	for want, change := range map[string]map[string]any{
		`is of the architecture "gemma3", want llama`:                               {"general.architecture": "gemma3"},
		`is one of 3 parts of a model`:                                              {"split.count": uint16(3)},
		`"llama.attention.head_count" of the metadata is 0, want 1 or more`:         {"llama.attention.head_count": uint32(0)},
		`"llama.attention.head_count_kv" of the metadata is a []int32, want an int`: {"llama.attention.head_count_kv": []int32{1, 2}},
	} {
		f := open(t, "llama.gguf")
		for key, v := range change {
			f.Metadata[key] = v
		}
		_, err := gguf.NewLlama(f)
		assert.ErrorContains(t, err, want)
	}
	f := open(t, "llama.gguf")
	f.Metadata["llama.attention.head_count"] = uint32(3)
	delete(f.Metadata, "llama.attention.head_count_kv")
	l, err := gguf.NewLlama(f)
	require.NoError(t, err)
	_, err = l.Tensor("model.layers.0.self_attn.q_proj.weight")
	assert.ErrorContains(t, err, `the tensor "blk.0.attn_q.weight" has the shape [8 4], which 3 heads cannot share`)
	_, err = gguf.NewLlama(nil)
	assert.EqualError(t, err, "gguf.NewLlama: the file is nil")
	delete(f.Metadata, "general.architecture")
	_, err = gguf.NewLlama(f)
	assert.ErrorContains(t, err, `have no "general.architecture"`)
}

func TestTokenizer(t *testing.T) {
	got, err := open(t, "llama.gguf").Tokenizer()
	require.NoError(t, err)
	assert.Equal(t, &gguf.Tokenizer{
		Model: "gpt2", Pre: "smollm", Tokens: []string{"<end>", "a", "b", "ab"}, Merges: []string{"a b"},
		Types: []gguf.TokenType{gguf.TokenControl, gguf.TokenNormal, gguf.TokenNormal, gguf.TokenNormal},
		BOS:   -1, EOS: 0, EOT: -1, Unknown: -1, Separator: -1, Padding: -1, AddBOS: new(false), ChatTemplate: "{{ messages }}",
	}, got)
	_, err = open(t, "little.gguf").Tokenizer()
	assert.EqualError(t, err, "gguf: testdata/files/little.gguf has no tokenizer: there is no tokenizer.ggml.tokens")
	for want, change := range map[string]map[string]any{
		`"tokenizer.ggml.tokens" of the metadata is a []int32, want []string`: {"tokenizer.ggml.tokens": []int32{1}},
		`"tokenizer.ggml.add_bos_token" of the metadata is 1, want bool`:      {"tokenizer.ggml.add_bos_token": uint8(1)},
		"the EOS token is 4, and there are 4 tokens":                          {"tokenizer.ggml.eos_token_id": uint32(4)},
		"has 4 tokens, but 4 types and 1 scores":                              {"tokenizer.ggml.scores": []float32{1}},
		`"tokenizer.chat_template" of the metadata is 2.5, want a text`:       {"tokenizer.chat_template": 2.5},
	} {
		f := open(t, "llama.gguf")
		for key, v := range change {
			f.Metadata[key] = v
		}
		_, err := f.Tokenizer()
		assert.ErrorContains(t, err, want)
	}
}

// Large tensors are made by several goroutines.
func TestManyBlocks(t *testing.T) {
	const blocks = 20_000
	data := make([]byte, 0, blocks*34)
	for i := range blocks {
		data = append(data, 0, 0x3c, byte(i)) // the scale 1 and the first element
		data = append(data, make([]byte, 31)...)
	}
	path := write(t, file{tensors: []stored{{name: "x", dims: []uint64{32, blocks}, kind: 8, data: data}}}.bytes())
	f, err := gguf.Open(path)
	require.NoError(t, err)
	defer func() { assert.NoError(t, f.Close()) }()
	x, err := f.Tensor("x")
	require.NoError(t, err)
	defer x.Close()
	first := torch.ToSlice[int](x.Sum(1))
	for i, n := range first {
		require.Equal(t, int(int8(i)), n, "block %d", i)
	}
}
