package main

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/wangkuiyi/gotorch/examples/embed/minilm"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/serve"
)

//go:embed sentences.txt
var sentences string

// hit is a sentence that was found.
type hit struct {
	Text  string  `json:"text"`
	Score float32 `json:"score"` // the cosine between its meaning and the question's
}

// finder finds sentences by their meaning.
type finder struct {
	embedder *minilm.Embedder
	texts    []string
	vectors  *torch.Tensor // of the texts, of length 1
	batcher  *serve.Batcher[[]int, []hit]
}

// hits is how many sentences are found.
const hits = 5

// newFinder reads the model, and the sentences with it.
func newFinder(dir string) (*finder, error) {
	e, err := minilm.NewEmbedder(dir)
	if err != nil {
		return nil, err
	}
	f := &finder{embedder: e, texts: strings.Split(strings.TrimSpace(sentences), "\n")}
	f.vectors = e.Embed(f.texts, nil)
	// Questions of one length go together.
	f.batcher = serve.NewBatcher(f.find, serve.BatcherOptions[[]int]{MaxBatch: new(8), Bucket: func(tokens []int) any { return len(tokens) }})
	return f, nil
}

// find answers questions, which are the numbers of their tokens.
func (f *finder) find(questions [][]int) (answers [][]hit, err error) {
	torch.Scope(func() {
		torch.InferenceMode(func() {
			scores, best := f.embedder.Mean(questions).Matmul(f.vectors.T()).TopK(hits)
			numbers, rows := torch.ToSlice[float32](scores), torch.ToSlice[int](best)
			for i := range questions {
				var list []hit
				for j := i * hits; j < (i+1)*hits; j++ {
					list = append(list, hit{f.texts[rows[j]], numbers[j]})
				}
				answers = append(answers, list)
			}
		})
	})
	return answers, nil
}

// handle answers a question, the parameter q. Without a search there is no content.
func (f *finder) handle(w http.ResponseWriter, r *http.Request) {
	if f == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	question := strings.TrimSpace(r.URL.Query().Get("q"))
	if question == "" {
		write(w, []hit{}, nil)
		return
	}
	answer, err := f.batcher.Do(r.Context(), f.embedder.Tokens(question))
	write(w, answer, err)
}
