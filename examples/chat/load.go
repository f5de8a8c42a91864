package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/gguf"
	"github.com/wangkuiyi/gotorch/torch/hub"
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
	nn.TensorSource
	Describe(name string) (torch.DType, []int, error)
}

// Open loads a GGUF file, or a folder in Hugging Face's layout. With the dtype 0 the model
// computes in BFloat16 if the file has that, else in Float32.
func Open(path string, dtype torch.DType) (*Chat, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	c := &Chat{}
	if info.IsDir() {
		err = c.openFolder(path, dtype)
	} else {
		err = c.openGGUF(path, dtype)
	}
	return c, err
}

// ropeFactors is llama.cpp's name for what frequencies are divided by.
const ropeFactors = "rope_freqs.weight"

func (c *Chat) openGGUF(path string, dtype torch.DType) error {
	file, err := gguf.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := c.readGGUF(file, dtype); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (c *Chat) readGGUF(file *gguf.File, dtype torch.DType) error {
	llama, err := gguf.NewLlama(file)
	if err != nil {
		return err
	}
	if c.Config, err = ggufConfig(file); err != nil {
		return err
	}
	if slices.Contains(llama.Names(), ropeFactors) {
		factors, err := llama.Tensor(ropeFactors)
		if err != nil {
			return err
		}
		c.Config.RopeFactors = torch.ToSlice[float32](factors)
		factors.Close()
		if n := len(c.Config.RopeFactors); n != c.Config.HeadDim/2 {
			return fmt.Errorf("%s has %d elements, want %d", ropeFactors, n, c.Config.HeadDim/2)
		}
	}
	stored, err := file.Tokenizer()
	if err != nil {
		return err
	}
	if c.Tokenizer, err = ggufTokenizer(stored); err != nil {
		return err
	}
	if c.Template, err = NewTemplate(stored.ChatTemplate); err != nil {
		return err
	}
	c.Stop = map[int]bool{stored.EOS: true, stored.EOT: true}
	return c.fill(llama, dtype)
}

func (c *Chat) openFolder(path string, dtype torch.DType) error {
	folder, err := hub.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if c.Config, err = jsonConfig(folder.RawConfig); err != nil {
		err = fmt.Errorf("config.json: %w", err)
	} else {
		err = c.readTokenizer(folder)
	}
	if err == nil {
		err = c.fill(folder, dtype)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// fill makes the model and puts a source's tensors into it.
func (c *Chat) fill(from source, dtype torch.DType) error {
	const embedding, head = "model.embed_tokens.weight", "lm_head.weight"
	if c.DType = dtype; dtype == 0 {
		c.DType = torch.Float32
		if stored, _, err := from.Describe(embedding); err == nil && stored == torch.BFloat16 {
			c.DType = torch.BFloat16
		}
	}
	err := torch.Try(func() {
		torch.WithDevice(torch.Meta, func() { c.Model = NewLlama(c.Config) })
		if !slices.Contains(from.Names(), head) { // it is the embedding's
			c.Model.LMHead.Weight = c.Model.Model.EmbedTokens.Weight
		}
		c.Model.To(c.DType)
		c.Model.Eval()
	})
	if err != nil {
		return err
	}
	_, err = nn.LoadInto(c.Model, from, nn.LoadOptions{Rename: func(name string) string {
		if name == ropeFactors || strings.HasSuffix(name, ".rotary_emb.inv_freq") {
			return "" // no parameters: they are in the configuration
		}
		return name
	}})
	return err
}
