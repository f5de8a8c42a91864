package gguf

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// Llama gives the tensors of a model of the architecture "llama" (Llama, Mistral, SmolLM and
// others) as PyTorch's LlamaForCausalLM of Hugging Face has them: "blk.0.attn_q.weight" is
// "model.layers.0.self_attn.q_proj.weight", and the rows of the projections of queries and
// keys are in PyTorch's order again, which llama.cpp changes for its rotary embeddings.
// Tensors that LlamaForCausalLM has not, such as "rope_freqs.weight", keep their names.
type Llama struct {
	file    *File
	names   []string
	stored  map[string]string // names in the file
	heads   int               // of queries
	kvHeads int               // of keys
}

// NewLlama returns the tensors of a file by PyTorch's names, for nn.LoadInto. It fails on other
// architectures, and on one of several parts of a model.
func NewLlama(f *File) (*Llama, error) {
	if f == nil {
		return nil, errors.New("gguf.NewLlama: the file is nil")
	}
	switch architecture, err := f.Metadata.Text("general.architecture"); {
	case err != nil:
		return nil, err
	case architecture != "llama":
		return nil, fmt.Errorf("gguf: %s is of the architecture %q, want llama; File has its tensors by their own names", f.path, brief.Text(architecture))
	}
	if parts, err := f.Metadata.Int("split.count"); err == nil && parts > 1 {
		return nil, fmt.Errorf("gguf: %s is one of %d parts of a model; llama.cpp's llama-gguf-split --merge joins them", f.path, parts)
	}
	l := &Llama{file: f, stored: map[string]string{}}
	var err error
	if l.heads, err = f.heads("llama.attention.head_count", nil); err != nil {
		return nil, err
	}
	if l.kvHeads, err = f.heads("llama.attention.head_count_kv", &l.heads); err != nil {
		return nil, err
	}
	for _, stored := range f.names {
		name := llamaName(stored)
		if other, twice := l.stored[name]; twice {
			return nil, fmt.Errorf("gguf: %s: the tensors %q and %q have one name in PyTorch", f.path, brief.Text(other), brief.Text(stored))
		}
		l.names = append(l.names, name)
		l.stored[name] = stored
	}
	return l, nil
}

// heads returns a number of heads, or another if the file does not say.
func (f *File) heads(key string, other *int) (int, error) {
	if _, given := f.Metadata[key]; !given && other != nil {
		return *other, nil
	}
	n, err := f.Metadata.Int(key)
	if err == nil && (n < 1 || n > 1<<20) {
		err = f.Metadata.refuse(key, "1 or more")
	}
	return n, err
}

var (
	inBlock = regexp.MustCompile(`^blk\.(\d+)\.(\w+)\.(weight|bias)$`)

	blockNames = map[string]string{
		"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
		"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
		"ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
	}
	otherNames = map[string]string{"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight", "output.weight": "lm_head.weight"}
)

// llamaName returns the name in PyTorch of a tensor of llama.cpp's.
func llamaName(stored string) string {
	if name, ok := otherNames[stored]; ok {
		return name
	}
	if part := inBlock.FindStringSubmatch(stored); part != nil && blockNames[part[2]] != "" {
		return "model.layers." + part[1] + "." + blockNames[part[2]] + "." + part[3]
	}
	return stored
}

// Names returns the names of all tensors, in the file's order.
func (l *Llama) Names() []string { return append([]string{}, l.names...) }

// Info returns what the file says of a tensor, without reading it. It fails if there is none of the name.
func (l *Llama) Info(name string) (Info, error) {
	stored, err := l.find(name)
	if err != nil {
		return Info{}, err
	}
	return l.file.Info(stored)
}

// Describe returns the dtype and the shape that [Llama.Tensor] gives a tensor, without
// reading it.
func (l *Llama) Describe(name string) (torch.DType, []int, error) {
	info, err := l.Info(name)
	return info.DType, info.Shape, err
}

// Tensor returns a tensor as [File.Tensor] does. Those of queries and keys are copies.
func (l *Llama) Tensor(name string) (*torch.Tensor, error) {
	stored, err := l.find(name)
	if err != nil {
		return nil, err
	}
	x, err := l.file.Tensor(stored)
	if err != nil {
		return nil, err
	}
	heads := 0
	switch {
	case name == stored: // a name of llama.cpp's own
	case strings.Contains(name, ".q_proj."):
		heads = l.heads
	case strings.Contains(name, ".k_proj."):
		heads = l.kvHeads
	}
	if heads == 0 {
		return x, nil
	}
	defer x.Close()
	if x.Dim() == 0 || x.Size(0)%(2*heads) != 0 {
		return nil, fmt.Errorf("gguf: %s: the tensor %q has the shape %d, which %d heads cannot share", l.file.path, brief.Text(stored), x.Shape(), heads)
	}
	return unpermute(x, heads)
}

func (l *Llama) find(name string) (string, error) {
	stored, ok := l.stored[name]
	if !ok {
		return "", fmt.Errorf("gguf: %s has no tensor %q", l.file.path, brief.Text(name))
	}
	return stored, nil
}

// unpermute returns rows in PyTorch's order. Rotary embeddings turn pairs of rows of a head:
// PyTorch's pairs are row i of the first half with row i of the second, llama.cpp's are
// rows 2i and 2i+1.
func unpermute(x *torch.Tensor, heads int) (y *torch.Tensor, err error) {
	err = torch.Try(func() {
		y = torch.Scoped(func() *torch.Tensor {
			return x.View(append([]int{heads, x.Size(0) / heads / 2, 2}, x.Shape()[1:]...)...).Transpose(1, 2).Reshape(x.Shape()...)
		})
	})
	return y, err
}
