package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch/gguf"
)

// Llama 3.1's configuration; the values are those of its formula, computed in Python.
func TestLlama3Frequencies(t *testing.T) {
	c, err := jsonConfig([]byte(`{"model_type": "llama", "hidden_act": "silu", "vocab_size": 10, "hidden_size": 256, "intermediate_size": 8,
		"num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
		"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}`))
	require.NoError(t, err)
	assert.Equal(t, 128, c.HeadDim)
	assert.Equal(t, 2, c.KVHeads)
	require.Len(t, c.RopeFactors, 64)
	assert.Equal(t, float32(1), c.RopeFactors[0], "high frequencies stay")
	assert.Equal(t, float32(8), c.RopeFactors[63], "low ones are divided")
	assert.InDelta(t, 1.5534146285, c.RopeFactors[30], 1e-6, "between them it is between")
	assert.InDelta(t, 3.6842525277, c.RopeFactors[33], 1e-6)
	for i := 1; i < 64; i++ {
		assert.GreaterOrEqual(t, c.RopeFactors[i], c.RopeFactors[i-1])
	}
}

func TestConfigsThatAreRefused(t *testing.T) {
	const shape = `"model_type": "llama", "hidden_act": "silu", "vocab_size": 10, "hidden_size": 8, "intermediate_size": 8,
		"num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 16, "rms_norm_eps": 1e-5`
	_, err := jsonConfig([]byte(`{` + shape + `}`))
	require.NoError(t, err)
	for text, want := range map[string]string{
		`{`:                       "unexpected end of JSON",
		`{"model_type": "gemma"}`: `it is a model of the type "gemma" with the activation ""`,
		`{` + shape + `, "num_hidden_layers": 1e9}`:                                       "cannot unmarshal",
		`{` + shape + `, "num_hidden_layers": 100000000}`:                                 "want all numbers from 1",
		`{` + shape + `, "hidden_size": 0}`:                                               "want all numbers from 1",
		`{` + shape + `, "num_key_value_heads": 3}`:                                       "heads must be a multiple",
		`{` + shape + `, "head_dim": 3}`:                                                  "of an even size",
		`{` + shape + `, "rope_scaling": {"rope_type": "yarn"}}`:                          `its rope_scaling is of the type "yarn"`,
		`{` + shape + `, "rope_scaling": {"type": "linear", "factor": 0}}`:                "its rope_scaling has the factor 0",
		`{` + shape + `, "rope_scaling": {"rope_type": "llama3", "factor": 2}}`:           "its rope_scaling has the factors 0 and 0 and the length 0",
		`{` + shape + `, "rope_parameters": {"rope_type": "dynamic", "rope_theta": 5.5}}`: `its rope_scaling is of the type "dynamic"`,
	} {
		_, err := jsonConfig([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
	_, err = ggufConfig(&gguf.File{Metadata: gguf.Metadata{"llama.block_count": uint32(1)}})
	assert.ErrorContains(t, err, `the metadata have no "llama.embedding_length"`)
}

func TestTemplates(t *testing.T) {
	llama3, err := NewTemplate("{{ '<|start_header_id|>' + message['role'] }}")
	require.NoError(t, err)
	assert.Equal(t, "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nhello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
		llama3.Write([]Message{{"user", "hello"}}))
	_, err = NewTemplate("{{ '[INST]' }}")
	assert.ErrorContains(t, err, "its chat template is not known")
	_, err = NewTemplate("")
	assert.ErrorContains(t, err, "the model has no chat template")
}

func TestTokenizersThatAreRefused(t *testing.T) {
	for want, f := range map[string]*gguf.Tokenizer{
		`of the kind "llama"`:                             {Model: "llama"},
		`cuts words as "qwen2" does`:                      {Model: "gpt2", Pre: "qwen2"},
		`merges "a" and "b", which together are no token`: {Model: "gpt2", Pre: "smollm", Tokens: []string{"a", "b"}, Merges: []string{"a b"}},
	} {
		_, err := ggufTokenizer(f)
		assert.ErrorContains(t, err, want)
	}
	var file tokenizerFile
	file.Model.Type = "Unigram"
	_, err := jsonTokenizer(&file)
	assert.ErrorContains(t, err, "it is no byte-level byte-pair encoding")
	file.Model.Type = "BPE"
	_, err = jsonTokenizer(&file)
	assert.ErrorContains(t, err, "it does not cut text into words")
	file.PreTokenizer = &preTokenizer{Type: "Metaspace"}
	_, err = jsonTokenizer(&file)
	assert.ErrorContains(t, err, "it cuts text as is not known here: Metaspace")
	file.PreTokenizer.Type = "ByteLevel"
	file.Model.Vocabulary = map[string]int{"a": 7}
	_, err = jsonTokenizer(&file)
	assert.ErrorContains(t, err, `the token "a" has the number 7, and there are 1`)
}
