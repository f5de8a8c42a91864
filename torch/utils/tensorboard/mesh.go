package tensorboard

import (
	"encoding/json"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// MeshOptions are the options of [SummaryWriter.AddMesh].
type MeshOptions struct {
	WallTime   time.Time      // when it happened; default: now
	Colors     *torch.Tensor  // of the vertices, 0 to 255; default: TensorBoard chooses
	Faces      *torch.Tensor  // triangles, as the numbers of their vertices; default: a cloud of points
	ConfigDict map[string]any // of Three.js: camera, lights, material; default: TensorBoard's
}

// AddMesh adds 3D meshes or clouds of points. The vertices, B × N × 3, are the
// coordinates of N points in each of B meshes; colors and faces have that many
// dimensions too. It panics if a tensor has not, and if the configuration cannot be
// written as JSON.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_mesh
func (w *SummaryWriter) AddMesh(tag string, vertices *torch.Tensor, step int, options ...MeshOptions) {
	const op = "SummaryWriter.AddMesh"
	o := option.First(options)
	config := []byte("{}")
	if o.ConfigDict != nil {
		var err error
		if config, err = json.Marshal(o.ConfigDict); err != nil {
			panic(torch.Errorf("tensorboard."+op, torch.ValueError, "%v", err))
		}
	}
	parts := []struct {
		name string
		kind int
		x    *torch.Tensor
	}{{"VERTEX", 1, vertices}, {"FACE", 2, o.Faces}, {"COLOR", 3, o.Colors}}
	components := 0
	for _, part := range parts {
		if part.x != nil {
			components |= 1 << part.kind
		}
	}
	var values field
	for _, part := range parts {
		if part.x == nil {
			continue
		}
		shape := part.x.Shape()
		if len(shape) != 3 {
			panic(torch.Errorf("tensorboard."+op, torch.ValueError, "Tensor shape should be of shape BxNx3, but got %v.",
				shape))
		}
		about := join(bytes(2, tag), integer(3, part.kind), bytes(5, config), integers(6, shape), integer(7, components))
		values = join(values, message(1,
			bytes(1, tag+"_"+part.name), tensor(typeFloat, shape, floatsOf(5, part.x)), plugin("mesh", about)))
	}
	w.write(EventOptions{o.WallTime}.time(), step, message(5, values))
}
