package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/wangkuiyi/gotorch/examples/embed/minilm"
	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/serve"
)

// serveTask serves a model until ctx ends.
func serveTask(ctx context.Context, name, port, weights string) error {
	address := "127.0.0.1:" + port
	switch name {
	case "cnn":
		return serveCNN(ctx, address, weights)
	case "embed":
		return serveEmbedder(ctx, address, weights)
	}
	return fmt.Errorf("there is no task %s", name)
}

func serveCNN(ctx context.Context, address, weights string) error {
	net := digits.NewCNN()
	state, err := torch.LoadAs[nn.StateDict](weights)
	if err != nil {
		return err
	}
	if _, err := net.LoadStateDict(state); err != nil {
		return err
	}
	net.Eval()
	s := serve.NewServer()
	err = s.Add("cnn", serve.NewModule(net, serve.Signature{Batch: true,
		Inputs:  []serve.Spec{{Name: "image", DType: torch.Float32, Shape: []int{-1, 1, 28, 28}}},
		Outputs: []serve.Spec{{Name: "scores", DType: torch.Float32, Shape: []int{-1, 10}}},
	}))
	return errors.Join(err, s.ListenAndServe(ctx, address))
}

// serveEmbedder answers texts with their vectors.
func serveEmbedder(ctx context.Context, address, weights string) error {
	e, err := minilm.NewEmbedder(weights)
	if err != nil {
		return err
	}
	b := serve.NewBatcher(func(texts [][]int) (vectors [][]float32, err error) {
		torch.Scope(func() {
			torch.InferenceMode(func() {
				y := e.Mean(texts)
				all, width := torch.ToSlice[float32](y), y.Size(1)
				for i := range texts {
					vectors = append(vectors, all[i*width:(i+1)*width])
				}
			})
		})
		return vectors, nil
	}, serve.BatcherOptions[[]int]{LockThread: true, Bucket: func(tokens []int) any { return (len(tokens) + 7) / 8 }})
	m := http.NewServeMux()
	m.HandleFunc("POST /embed", func(w http.ResponseWriter, r *http.Request) {
		var question struct{ Text string }
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&question); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		vector, err := b.Do(r.Context(), e.Tokens(question.Text))
		if err != nil {
			http.Error(w, err.Error(), serve.Status(err))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": vector})
	})
	s := serve.NewServer(serve.ServerOptions{Handler: m})
	return errors.Join(s.ListenAndServe(ctx, address), b.Shutdown(context.Background()))
}
