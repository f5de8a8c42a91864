package tensorboard_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

func TestAddMesh(t *testing.T) {
	vertices := torch.Arange(0, 24, 1).To(torch.Float32).Div(8).Sub(1).Reshape(2, 4, 3)
	colors := torch.Arange(0, 24, 1).Mul(10).To(torch.Uint8).Reshape(2, 4, 3)
	faces := torch.Arange(0, 18, 1).Remainder(4).Reshape(2, 3, 3)
	add := func(vertices *torch.Tensor, o tensorboard.MeshOptions) func(w *tensorboard.SummaryWriter) {
		o.WallTime = when
		return func(w *tensorboard.SummaryWriter) { w.AddMesh("m", vertices, 5, o) }
	}
	want := readGolden(t).Records["meshes"]
	wantConfig := parse(t, want["config"])
	delete(want, "config")
	checkRecords(t, want, map[string]func(w *tensorboard.SummaryWriter){
		"mesh":   add(vertices, tensorboard.MeshOptions{Colors: colors, Faces: faces}),
		"cloud":  add(vertices, tensorboard.MeshOptions{Colors: colors}),
		"points": add(vertices.To(torch.Float64), tensorboard.MeshOptions{}),
	})

	// Python's JSON is the same but for spaces and escapes.
	w := newWriter(t)
	w.AddMesh("m", vertices, 5, tensorboard.MeshOptions{
		ConfigDict: map[string]any{"lights": []string{"<é>"}, "camera": map[string]any{"fov": 75.5}}})
	require.NoError(t, w.Close())
	_, events := records(t, w.LogDir())
	config := func(e event) string { return e.message(t, 5, 1, 9, 1, 2).text(5) }
	assert.JSONEq(t, config(wantConfig), config(events[0]))
}

func TestAddMeshRefuses(t *testing.T) {
	w := newWriter(t)
	x := torch.Zeros([]int{1, 2, 3})
	checkRefuses(t, w, map[string]func(){
		"Tensor shape should be of shape BxNx3, but got [2 3].": func() {
			w.AddMesh("m", x, 0, tensorboard.MeshOptions{Colors: x.Squeeze(0)})
		},
		"json: unsupported type: func()": func() {
			w.AddMesh("m", x, 0, tensorboard.MeshOptions{ConfigDict: map[string]any{"camera": func() {}}})
		},
	})
}
