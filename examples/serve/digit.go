package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/internal/imagefile"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/serve"
	"github.com/wangkuiyi/gotorch/torch/utils/explain"
)

const pixels = 28 * 28

// reading is what the network says of a drawing.
type reading struct {
	Probabilities []float32 `json:"probabilities"` // of the ten digits
	Seen          []float32 `json:"seen"`          // the 28 × 28 pixels that the network gets, 0 to 1
	Saliency      []float32 `json:"saliency"`      // how much each of them matters, 0 to 1
}

// reader reads drawings, those that come at a time together.
type reader struct {
	net     *digits.CNN
	batcher *serve.Batcher[[]float32, reading]
}

func newReader(net *digits.CNN) *reader {
	net.Eval()
	net.SetRequiresGrad(false)
	r := &reader{net: net}
	r.batcher = serve.NewBatcher(r.read)
	return r
}

// model serves the network to other programs, too.
func (r *reader) model() serve.Model {
	return serve.NewModule(r.net, serve.Signature{Batch: true,
		Inputs:  []serve.Spec{{Name: "image", DType: torch.Float32, Shape: []int{-1, 1, 28, 28}}},
		Outputs: []serve.Spec{{Name: "scores", DType: torch.Float32, Shape: []int{-1, 10}}},
	})
}

// read reads drawings as digits.Prepare makes them.
func (r *reader) read(drawings [][]float32) (readings []reading, err error) {
	torch.Scope(func() {
		n := len(drawings)
		x := torch.FromSlice(bytesOf(drawings), n, 1, 28, 28)
		scores := torch.NoGradValue(func() *torch.Tensor { return r.net.Forward(x).Softmax(1) })
		saliency := explain.Saliency(r.net.Forward, x, scores.Argmax(1)).Flatten(1)
		saliency = saliency.Div(saliency.Amax([]int{1}, torch.AmaxOptions{Keepdim: true}).ClampMin(1e-12))
		seen := x.Mul(digits.Deviation).Add(digits.Mean).Clamp(0, 1)
		probabilities, matters, gray := torch.ToSlice[float32](scores), torch.ToSlice[float32](saliency), torch.ToSlice[float32](seen)
		for i := range n {
			readings = append(readings, reading{probabilities[10*i : 10*i+10], gray[pixels*i : pixels*(i+1)], matters[pixels*i : pixels*(i+1)]})
		}
	})
	return readings, nil
}

// bytesOf returns the drawings one after the other.
func bytesOf(drawings [][]float32) []float32 {
	var all []float32
	for _, d := range drawings {
		all = append(all, d...)
	}
	return all
}

// largest is how many bytes a drawing may have, packed and unpacked.
const largest = 4 << 20

// handle answers a drawing, a PNG.
func (r *reader) handle(w http.ResponseWriter, request *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, request.Body, largest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	img, err := imagefile.Decode(bytes.NewReader(data), largest)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	x := digits.Prepare(img)
	drawing := torch.ToSlice[float32](x)
	x.Close()
	if isBlank(drawing) {
		http.Error(w, "there is nothing on the drawing", http.StatusBadRequest)
		return
	}
	answer, err := r.batcher.Do(request.Context(), drawing)
	write(w, answer, err)
}

// isBlank reports whether all pixels are the same.
func isBlank(drawing []float32) bool {
	for _, v := range drawing {
		if v != drawing[0] {
			return false
		}
	}
	return true
}

// write answers with JSON.
func write(w http.ResponseWriter, answer any, err error) {
	var text []byte
	if err == nil {
		text, err = json.Marshal(answer)
	}
	if err != nil {
		if errors.Is(err, serve.ErrBusy) {
			w.Header().Set("Retry-After", "1")
		}
		http.Error(w, err.Error(), serve.Status(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}
