package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/utils/explain"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// save writes a checkpoint as examples/mnist does, and returns its folder.
func save(t *testing.T, net *digits.CNN, model string) string {
	dir := t.TempDir()
	require.NoError(t, torch.Save(checkpoint{map[string]any{"model": model, "data": "mnist"}, net.StateDict()}, filepath.Join(dir, "checkpoint.pt")))
	return dir
}

// newTestApp returns what runs with a random network and a tiny BERT.
func newTestApp(t *testing.T, o options) *app {
	torch.ManualSeed(1)
	o.checkpoint, o.embedder = save(t, digits.NewCNN(), "cnn"), "../embed/minilm/testdata"
	a, err := newApp(t.Context(), o, io.Discard)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, a.close())
		require.NoError(t, a.server.Shutdown(context.Background()))
	})
	return a
}

// ask answers a request.
func (a *app) ask(method, path string, body []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, httptest.NewRequest(method, path, bytes.NewReader(body)))
	return w
}

// drawing is a PNG of a black bar on white.
func drawing(t *testing.T, bar image.Rectangle) (data []byte, img image.Image) {
	page := image.NewRGBA(image.Rect(0, 0, 280, 280))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(page, bar, image.NewUniform(color.Gray{Y: 20}), image.Point{}, draw.Src)
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, page))
	return b.Bytes(), page
}

func TestDigit(t *testing.T) {
	a := newTestApp(t, options{})
	data, img := drawing(t, image.Rect(50, 40, 80, 200))
	w := a.ask("POST", "/api/digit", data)
	require.Equal(t, 200, w.Code, w.Body)
	var got reading
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	x := digits.Prepare(img)
	scores := torch.NoGradValue(func() *torch.Tensor { return a.reader.net.Forward(x).Softmax(1) })
	assert.InDeltaSlice(t, torch.ToSlice[float32](scores), got.Probabilities, 1e-5)
	saliency := explain.Saliency(a.reader.net.Forward, x, scores.Argmax(1))
	assert.InDeltaSlice(t, torch.ToSlice[float32](saliency.Div(saliency.Max())), got.Saliency, 1e-4)
	require.Len(t, got.Seen, pixels)
	assert.InDelta(t, 1, got.Seen[14*28+14], 1e-3, "the bar is in the middle")
	assert.InDelta(t, 0, got.Seen[14*28+2], 1e-3)

	blank, _ := drawing(t, image.Rectangle{})
	for want, body := range map[string][]byte{
		"there is nothing on the drawing": blank, "image: unknown format": []byte("no PNG"), "request body too large": make([]byte, largest+1),
	} {
		w := a.ask("POST", "/api/digit", body)
		assert.Contains(t, w.Body.String(), want)
		assert.Contains(t, []int{400, 413}, w.Code)
	}
}

func TestSearch(t *testing.T) {
	a := newTestApp(t, options{})
	w := a.ask("GET", "/api/search?q=a+bad+face", nil)
	require.Equal(t, 200, w.Code, w.Body)
	var got []hit
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Len(t, got, hits)
	question := a.finder.embedder.Embed([]string{"a bad face"}, nil)
	best, _ := torch.MaxDim(question.Matmul(a.finder.vectors.T()), 1)
	assert.InDelta(t, best.Item(), float64(got[0].Score), 1e-5)
	for i, h := range got {
		assert.Contains(t, a.finder.texts, h.Text)
		assert.LessOrEqual(t, h.Score, got[max(0, i-1)].Score)
	}
	assert.JSONEq(t, "[]", a.ask("GET", "/api/search?q=+", nil).Body.String())
	without := newTestApp(t, options{noSearch: true})
	assert.Equal(t, http.StatusNoContent, without.ask("GET", "/api/search?q=a", nil).Code)
}

func TestPagesAndProtocol(t *testing.T) {
	a := newTestApp(t, options{noSearch: true})
	w := a.ask("GET", "/", nil)
	assert.Equal(t, 200, w.Code)
	assert.Contains(t, w.Body.String(), "Draw a digit")
	assert.NotRegexp(t, `(src|href)="(https?:)?//`, w.Body.String(), "nothing comes from elsewhere")
	assert.Equal(t, 404, a.ask("GET", "/nothing", nil).Code)
	w = a.ask("GET", "/v2/models/digits", nil)
	assert.Contains(t, w.Body.String(), `"inputs":[{"name":"image","datatype":"FP32","shape":[-1,1,28,28]}]`)
	w = a.ask("POST", "/v2/models/digits/infer", []byte(`{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,28,28],"data":[`+strings.Repeat("0,", pixels-1)+`0]}]}`))
	assert.Contains(t, w.Body.String(), `"outputs":[{"name":"scores","datatype":"FP32","shape":[1,10],"data":[`)
}

func TestCheckpoints(t *testing.T) {
	_, err := loadNetwork(t.Context(), save(t, digits.NewCNN(), "mlp"), io.Discard)
	assert.ErrorContains(t, err, `its network is "mlp", trained on "mnist"; want one that examples/mnist trains with -model cnn`)
	_, err = loadNetwork(t.Context(), t.TempDir(), io.Discard)
	assert.ErrorContains(t, err, "no such file")
	assert.ErrorContains(t, run(t.Context(), []string{"-checkpoint", t.TempDir()}, io.Discard), "no such file")
	assert.Error(t, run(t.Context(), []string{"-no"}, io.Discard))
}

func TestLearn(t *testing.T) {
	torch.ManualSeed(0)
	x := torch.Randn([]int{64, 1, 28, 28})
	y := torch.Arange(0, 64, 1).Remainder(10)
	net := digits.NewCNN()
	loss := func() float64 {
		net.Eval()
		return torch.NoGradValue(func() float64 { return functional.CrossEntropy(net.Forward(x), y).Item() })
	}
	before := loss()
	require.NoError(t, learn(t.Context(), net, data.NewTensorDataset(x.Repeat(10, 1, 1, 1), y.Repeat(10))))
	assert.Less(t, loss(), before)
}

// run ends when its context does.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var log bytes.Buffer
	dir := save(t, digits.NewCNN(), "cnn")
	require.NoError(t, run(ctx, []string{"-addr", "127.0.0.1:0", "-checkpoint", dir, "-no-search"}, &log))
	assert.Contains(t, log.String(), "Open http://127.0.0.1:")
}
