package serve_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/serve"
)

// Three requests of any type make one batch.
func ExampleNewBatcher() {
	b := serve.NewBatcher(func(words []string) ([]string, error) {
		answers := make([]string, len(words))
		for i, word := range words {
			answers[i] = fmt.Sprintf("%s, one of %d", strings.ToUpper(word), len(words))
		}
		return answers, nil
	}, serve.BatcherOptions[string]{MaxBatch: new(3), MaxWait: time.Minute})
	answers := make([]string, 3)
	var group sync.WaitGroup
	for i, word := range []string{"ship", "sail", "sea"} {
		group.Go(func() { answers[i], _ = b.Do(context.Background(), word) })
	}
	group.Wait()
	fmt.Println(strings.Join(answers, "\n"))
	fmt.Println(b.Shutdown(context.Background()))
	// Output:
	// SHIP, one of 3
	// SAIL, one of 3
	// SEA, one of 3
	// <nil>
}

// A module behind the Open Inference Protocol.
func ExampleServer() {
	net := nn.NewSequential(nn.NewLinear(2, 1))
	torch.NoGrad(func() { // so that it adds
		for _, p := range net.Parameters() {
			p.FillInplace(float64(p.Dim() - 1))
		}
	})
	net.Eval()
	server := serve.NewServer(serve.ServerOptions{Logger: quiet()})
	err := server.Add("sum", serve.NewModule(net, serve.Signature{
		Batch:   true,
		Inputs:  []serve.Spec{{Name: "x", DType: torch.Float32, Shape: []int{-1, 2}}},
		Outputs: []serve.Spec{{Name: "y", DType: torch.Float32, Shape: []int{-1, 1}}},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder() // as server.ListenAndServe(ctx, ":8080") does for clients
	server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v2/models/sum/infer",
		strings.NewReader(`{"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 2], "data": [1, 2, 3, 4]}]}`)))
	fmt.Println(w.Body)
	fmt.Println(server.Shutdown(context.Background()))
	// Output:
	// {"model_name":"sum","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[2,1],"data":[3,7]}]}
	// <nil>
}
