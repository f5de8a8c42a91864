package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/gguf"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Chat is a model with all that it takes to talk with it.
type Chat struct {
	Config    Config
	Model     *Llama
	DType     torch.DType
	Tokenizer *Tokenizer
	Template  Template
	Stop      map[int]bool // tokens that end an answer
}

// source is where tensors are found by name.
type source interface {
	Names() []string
	Tensor(name string) (*torch.Tensor, error)
}

// Open loads a GGUF file, or a folder in Hugging Face's layout. With the dtype 0 it is that
// of the file, or Float32 for what the file has in other forms.
func Open(path string, dtype torch.DType) (*Chat, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("folders come with package safetensors") // TODO
	}
	return openGGUF(path, dtype)
}

func openGGUF(path string, dtype torch.DType) (*Chat, error) {
	file, err := gguf.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	llama, err := gguf.NewLlama(file)
	if err != nil {
		return nil, err
	}
	c := &Chat{}
	if c.Config, err = ggufConfig(file); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	stored, err := file.Tokenizer()
	if err != nil {
		return nil, err
	}
	if c.Tokenizer, err = ggufTokenizer(stored); err != nil {
		return nil, err
	}
	if c.Template, err = NewTemplate(stored.ChatTemplate); err != nil {
		return nil, err
	}
	c.Stop = map[int]bool{stored.EOS: true, stored.EOT: true}
	return c, c.fill(llama, dtype)
}

// fill makes the model and puts a source's tensors into it.
func (c *Chat) fill(from source, dtype torch.DType) (err error) {
	const embedding, head, factors = "model.embed_tokens.weight", "lm_head.weight", "rope_freqs.weight"
	var dict nn.StateDict
	for _, name := range from.Names() {
		if strings.HasSuffix(name, "rotary_emb.inv_freq") {
			continue // old files have what follows from the configuration
		}
		x, err := from.Tensor(name)
		if err != nil {
			return err
		}
		if name == factors { // of llama.cpp's
			c.Config.RopeFactors = torch.ToSlice[float32](x)
			x.Close()
			continue
		}
		dict.Set(name, x)
	}
	first := dict.Get(embedding)
	if first == nil {
		return fmt.Errorf("there is no tensor %s", embedding)
	}
	if c.DType = dtype; dtype == 0 {
		c.DType = torch.Float32
		if first.DType() == torch.BFloat16 {
			c.DType = torch.BFloat16
		}
	}
	err = torch.Try(func() {
		for _, t := range dict {
			if t.Tensor.DType() != c.DType {
				dict.Set(t.Name, t.Tensor.To(c.DType))
				t.Tensor.Close()
			}
		}
		if dict.Get(head) == nil { // it is that of the embedding
			dict.Set(head, dict.Get(embedding))
		}
		torch.WithDevice(torch.Meta, func() { c.Model = NewLlama(c.Config) })
	})
	if err != nil {
		return err
	}
	c.Model.Eval()
	_, err = c.Model.LoadStateDict(dict, nn.LoadOptions{Assign: true})
	return err
}
