package minilm

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/hub"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// longest is how many tokens of a text are read, as the model was trained.
const longest = 256

// Embedder makes vectors of texts: texts that mean much the same have much the same
// direction.
type Embedder struct {
	bert   *BERT
	tokens *WordPiece
}

// NewEmbedder reads a model from a folder in Hugging Face's layout.
func NewEmbedder(path string) (*Embedder, error) {
	dir, err := hub.Open(path)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	bert, err := loadBERT(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	tokens, err := loadTokens(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Embedder{bert, tokens}, nil
}

// loadBERT reads the network, which is made without memory, tensor by tensor.
func loadBERT(dir *hub.Folder) (*BERT, error) {
	var config Config
	if err := json.Unmarshal(dir.RawConfig, &config); err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	var bert *BERT
	torch.WithDevice(torch.Meta, func() { bert = NewBERT(config) })
	bert.Eval()
	bert.SetRequiresGrad(false)
	_, err := nn.LoadInto(bert, dir, nn.LoadOptions{Rename: func(name string) string {
		switch name {
		case "embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias": // not needed for the mean of all tokens
			return ""
		}
		return name
	}})
	return bert, err
}

// loadTokens reads the tokenizer.
func loadTokens(dir *hub.Folder) (*WordPiece, error) {
	var config struct {
		LowerCase *bool `json:"do_lower_case"`
	}
	path, err := dir.Path("tokenizer_config.json")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &config)
	}
	if err != nil {
		return nil, fmt.Errorf("tokenizer_config.json: %w", err)
	}
	vocabulary, err := dir.Path("vocab.txt")
	if err != nil {
		return nil, err
	}
	return NewWordPiece(vocabulary, config.LowerCase != nil && !*config.LowerCase)
}

// Embed returns a vector of length 1 for each text. progress, if not nil, is told how many
// are done.
func (e *Embedder) Embed(texts []string, progress func(done int)) *torch.Tensor {
	const batch = 8
	lists, order := make([][]int, len(texts)), make([]int, len(texts))
	for i, text := range texts {
		lists[i], order[i] = e.Tokens(text), i
	}
	// Texts of a batch have much the same length.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(lists[a]), len(lists[b])) })
	vectors := torch.Empty([]int{len(texts), e.bert.Embeddings.WordEmbeddings.EmbeddingDim})
	done := 0
	for rows := range slices.Chunk(order, batch) {
		part := make([][]int, len(rows))
		for i, row := range rows {
			part[i] = lists[row]
		}
		torch.Scope(func() {
			torch.NoGrad(func() { vectors.IndexCopyInplace(0, torch.FromSlice(rows), e.bert.Mean(part)) })
		})
		if done += len(rows); progress != nil {
			progress(done)
		}
	}
	return vectors
}

// Tokens returns the numbers of a text's tokens, as many as the network reads.
func (e *Embedder) Tokens(text string) []int {
	return e.tokens.Encode(text, min(longest, e.bert.Embeddings.PositionEmbeddings.NumEmbeddings))
}

// Mean is [BERT.Mean] of texts' tokens.
func (e *Embedder) Mean(lists [][]int) *torch.Tensor { return e.bert.Mean(lists) }

// Mean returns the mean of each text's tokens, of length 1: texts × width.
func (b *BERT) Mean(lists [][]int) *torch.Tensor {
	length := 0
	for _, list := range lists {
		length = max(length, len(list))
	}
	tokens, there := make([]int, len(lists)*length), make([]bool, len(lists)*length)
	for i, list := range lists {
		for j, token := range list {
			tokens[i*length+j], there[i*length+j] = token, true
		}
	}
	mask := torch.FromSlice(there, len(lists), length)
	x := b.Forward(torch.FromSlice(tokens, len(lists), length), mask)
	weights := mask.Unsqueeze(2).To(x.DType())
	mean := x.Mul(weights).Sum(1).Div(weights.Sum(1))
	return functional.Normalize(mean, functional.NormalizeOptions{Dim: new(1)})
}
