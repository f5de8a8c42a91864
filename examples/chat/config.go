package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch/gguf"
)

// Config is the shape of a Llama.
type Config struct {
	Vocabulary, Width, Inner, Layers int
	Heads, KVHeads, HeadDim          int
	Context                          int // tokens that it was trained to read
	Eps, RopeBase                    float64
	RopeFactors                      []float32 // what frequencies are divided by; nil for none
	AttentionBias, MLPBias           bool
}

// ggufConfig reads the shape from a file's metadata.
func ggufConfig(file *gguf.File) (Config, error) {
	m := file.Metadata
	var c Config
	var errs []error
	read := func(to *int, key string) {
		n, err := m.Int("llama." + key)
		*to = n
		errs = append(errs, err)
	}
	read(&c.Width, "embedding_length")
	read(&c.Inner, "feed_forward_length")
	read(&c.Layers, "block_count")
	read(&c.Heads, "attention.head_count")
	read(&c.Context, "context_length")
	c.KVHeads, c.RopeBase = c.Heads, 10_000
	if _, given := m["llama.attention.head_count_kv"]; given {
		read(&c.KVHeads, "attention.head_count_kv")
	}
	if c.Heads > 0 {
		c.HeadDim = c.Width / c.Heads
	}
	if _, given := m["llama.attention.key_length"]; given {
		read(&c.HeadDim, "attention.key_length")
	}
	var err error
	if _, given := m["llama.rope.freq_base"]; given {
		c.RopeBase, err = m.Float("llama.rope.freq_base")
		errs = append(errs, err)
	}
	c.Eps, err = m.Float("llama.attention.layer_norm_rms_epsilon")
	tokens, _ := m["tokenizer.ggml.tokens"].([]string)
	c.Vocabulary = len(tokens)
	if err := errors.Join(append(errs, err)...); err != nil {
		return c, err
	}
	return c, c.check()
}

// ropeScaling is how a config.json says that frequencies are changed.
type ropeScaling struct {
	Type     string  `json:"rope_type"`
	OldType  string  `json:"type"`
	Theta    float64 `json:"rope_theta"`
	Factor   float64 `json:"factor"`
	Low      float64 `json:"low_freq_factor"`
	High     float64 `json:"high_freq_factor"`
	Original float64 `json:"original_max_position_embeddings"`
}

// jsonConfig reads the shape from a config.json of Hugging Face's.
func jsonConfig(data []byte) (Config, error) {
	var file struct {
		ModelType  string       `json:"model_type"`
		Act        string       `json:"hidden_act"`
		Vocabulary int          `json:"vocab_size"`
		Width      int          `json:"hidden_size"`
		Inner      int          `json:"intermediate_size"`
		Layers     int          `json:"num_hidden_layers"`
		Heads      int          `json:"num_attention_heads"`
		KVHeads    int          `json:"num_key_value_heads"`
		HeadDim    int          `json:"head_dim"`
		Context    int          `json:"max_position_embeddings"`
		Eps        float64      `json:"rms_norm_eps"`
		Theta      float64      `json:"rope_theta"`
		Scaling    *ropeScaling `json:"rope_scaling"`
		Parameters *ropeScaling `json:"rope_parameters"`
		Bias       bool         `json:"attention_bias"`
		MLPBias    bool         `json:"mlp_bias"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return Config{}, err
	}
	if file.ModelType != "llama" || file.Act != "silu" {
		return Config{}, fmt.Errorf("it is a model of the type %q with the activation %q, want llama and silu", file.ModelType, file.Act)
	}
	c := Config{
		Vocabulary: file.Vocabulary, Width: file.Width, Inner: file.Inner, Layers: file.Layers, Heads: file.Heads, KVHeads: file.KVHeads,
		HeadDim: file.HeadDim, Context: file.Context, Eps: file.Eps, RopeBase: file.Theta, AttentionBias: file.Bias, MLPBias: file.MLPBias,
	}
	if c.KVHeads == 0 {
		c.KVHeads = c.Heads
	}
	if c.HeadDim == 0 && c.Heads > 0 {
		c.HeadDim = c.Width / c.Heads
	}
	scaling := file.Scaling
	if scaling == nil {
		scaling = file.Parameters
	}
	if scaling == nil {
		scaling = &ropeScaling{}
	}
	if c.RopeBase == 0 {
		c.RopeBase = scaling.Theta
	}
	if c.RopeBase == 0 {
		c.RopeBase = 10_000
	}
	if err := c.check(); err != nil {
		return c, err
	}
	return c, c.scale(*scaling)
}

// scale changes the frequencies as a config.json says.
func (c *Config) scale(s ropeScaling) error {
	kind := s.Type
	if kind == "" {
		kind = s.OldType
	}
	switch kind {
	case "", "default":
		return nil
	case "linear":
		c.RopeFactors = make([]float32, c.HeadDim/2)
		for i := range c.RopeFactors {
			c.RopeFactors[i] = float32(s.Factor)
		}
	case "llama3":
		if s.High <= s.Low || s.Original <= 0 {
			return fmt.Errorf("its rope_scaling has the factors %v and %v and the length %v", s.Low, s.High, s.Original)
		}
		c.RopeFactors = llama3Factors(*c, s.Factor, s.Low, s.High, s.Original)
	default:
		return fmt.Errorf("its rope_scaling is of the type %q; default, linear and llama3 are known", kind)
	}
	if !(s.Factor > 0) {
		return fmt.Errorf("its rope_scaling has the factor %v, want more than 0", s.Factor)
	}
	return nil
}

// check fails on numbers that no model has.
func (c Config) check() error {
	const most = 1 << 24
	for _, n := range []int{c.Vocabulary, c.Width, c.Inner, c.Layers, c.Heads, c.KVHeads, c.HeadDim, c.Context} {
		if n < 1 || n > most {
			return fmt.Errorf("its shape is %+v, want all numbers from 1 to %d", c, most)
		}
	}
	if c.Heads%c.KVHeads != 0 || c.HeadDim%2 != 0 || !(c.Eps > 0) || !(c.RopeBase > 0) {
		return fmt.Errorf("its shape is %+v: heads must be a multiple of the heads of keys, of an even size, and the numbers above 0", c)
	}
	return nil
}
