package portgraph

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// sharing returns the lines that make weights share memory as those of the program do: the
// same tensor under two names, or views of another. It fails where none of them has all of
// the memory.
func (w *writer) sharing() (lines []string, err error) {
	owners := map[*byte][]*weight{} // by where the memory begins
	var order []*byte
	for _, in := range w.program.Graph.Inputs {
		if made := w.weights[in]; made != nil && made.spec.Tensor.Numel() > 0 {
			id := unsafe.SliceData(internals.Memory(made.spec.Tensor))
			if owners[id] == nil {
				order = append(order, id)
			}
			owners[id] = append(owners[id], made)
		}
	}
	for _, id := range order {
		group := owners[id]
		if len(group) == 1 {
			continue
		}
		owner := slices.MaxFunc(group, func(a, b *weight) int { return a.spec.Tensor.Numel() - b.spec.Tensor.Numel() })
		for _, other := range group {
			if other == owner {
				continue
			}
			line, err := shared(owner, other)
			if err != nil {
				return nil, err
			}
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// shared returns the line that makes a weight a part of another one's memory.
func shared(owner, other *weight) (string, error) {
	x, y := owner.spec.Tensor, other.spec.Tensor
	offset := y.StorageOffset() - x.StorageOffset()
	if offset == 0 && slices.Equal(x.Shape(), y.Shape()) && slices.Equal(x.Stride(), y.Stride()) && x.DType() == y.DType() {
		return fmt.Sprintf("%s = %s", other.expr(), owner.expr()), nil
	}
	last := offset
	for d, stride := range y.Stride() {
		last += (y.Size(d) - 1) * stride
	}
	if !x.IsContiguous() || x.DType() != y.DType() || offset < 0 || last >= x.Numel() || other.spec.Kind == export.ParameterInput {
		return "", fmt.Errorf("weights %s and %s share memory in a way that is not written as Go: run the program by export.Load and Program.Run", owner.spec.Target, other.spec.Target)
	}
	options := ""
	if offset > 0 {
		options = fmt.Sprintf(", torch.AsStridedOptions{StorageOffset: new(%d)}", offset)
	}
	return fmt.Sprintf("%s = %s.AsStrided(%s, %s%s)", other.expr(), owner.expr(), ints(y.Shape()), ints(y.Stride()), options), nil
}
