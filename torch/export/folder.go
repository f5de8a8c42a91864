package export

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
	"github.com/wangkuiyi/gotorch/torch"
)

// folder has the weights of a kind in a file that is written: one record for the memory
// that several share.
type folder struct {
	path, config, prefix string
	payload              payloadJSON
	records              [][]byte
	weights              []weight // which the records' memory belongs to
}

// weight is one that is written.
type weight struct {
	*InputSpec
	x      *torch.Tensor // on the CPU
	memory []byte        // of its storage
}

// address is where the memory begins.
func (w *weight) address() uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(w.memory))) }

func newFolder(path, config, prefix string, inputs []*InputSpec) (*folder, error) {
	d := &folder{path: path, config: config, prefix: prefix, payload: payloadJSON{map[string]weightJSON{}}}
	tensors := map[string]*torch.Tensor{}
	for _, in := range inputs {
		if known := tensors[in.Target]; known == in.Tensor {
			continue
		} else if known != nil {
			return nil, fmt.Errorf("two weights have the name %s", brief.Text(in.Target))
		}
		tensors[in.Target] = in.Tensor
		w := weight{InputSpec: in}
		var err error
		failed := torch.Try(func() { torch.NoGrad(func() { err = w.open() }) })
		if err = errors.Join(failed, err); err != nil {
			return nil, fmt.Errorf("%s %s: %w", in.Kind, brief.Text(in.Target), err)
		}
		d.weights = append(d.weights, w)
	}
	return d, d.place()
}

// open finds the memory.
func (w *weight) open() error {
	x := w.Tensor
	switch {
	case x.IsNested() || x.Layout() != torch.Strided || x.IsQuantized():
		return errors.New("a weight is a dense tensor: give its ToDense() or Dequantize()")
	case x.IsMeta():
		return errors.New("a tensor on meta has no elements to save")
	}
	if x.IsConj() || x.IsNeg() || x.Device() != torch.CPU {
		x = x.Detach().ResolveConj().ResolveNeg().To(torch.CPU)
	}
	w.x = x
	if x.Numel() > 0 {
		w.memory = torch.Internal.Export(nil).Memory(x)
	}
	return nil
}

// place gives each weight a record: that of another whose memory its own lies in, or a
// new one.
func (d *folder) place() error {
	byAddress := slices.Clone(d.weights)
	slices.SortStableFunc(byAddress, func(a, b weight) int {
		return cmp.Or(cmp.Compare(a.address(), b.address()), cmp.Compare(len(b.memory), len(a.memory)))
	})
	whole := map[*torch.Tensor]weight{}
	var last weight
	for _, w := range byAddress {
		inside := len(w.memory) > 0 && w.address()+uintptr(len(w.memory)) <= last.address()+uintptr(len(last.memory)) &&
			w.x.DType() == last.x.DType() && (w.address()-last.address())%uintptr(w.x.ElementSize()) == 0
		if !inside {
			last = w
		}
		whole[w.x] = last
	}
	paths := map[*torch.Tensor]string{}
	for _, w := range d.weights {
		owner := whole[w.x]
		path, ok := paths[owner.x]
		if !ok {
			path = fmt.Sprint(d.prefix, len(d.records))
			paths[owner.x] = path
			d.records = append(d.records, owner.memory)
		}
		meta, err := metaOf(w.x, w.x.StorageOffset()+int(w.address()-owner.address())/w.x.ElementSize())
		if err != nil {
			return fmt.Errorf("%s %s: %w", w.Kind, brief.Text(w.Target), err)
		}
		meta.RequiresGrad, meta.Device = w.Tensor.RequiresGrad(), deviceOf(w.Tensor.Device())
		d.payload.Config[w.Target] = weightJSON{Path: path, IsParam: w.Kind == ParameterInput, Meta: meta}
	}
	return nil
}

// metaOf returns where in its memory a tensor's elements are.
func metaOf(x *torch.Tensor, offset int) (m metaJSON, err error) {
	m = metaJSON{Layout: stridedLayout, Sizes: []union{}, Strides: []union{}, Offset: oneOf("as_int", offset)}
	for _, n := range x.Shape() {
		m.Sizes = append(m.Sizes, oneOf("as_int", n))
	}
	for _, n := range x.Stride() {
		m.Strides = append(m.Strides, oneOf("as_int", n))
	}
	m.DType, err = number(dtypes, x.DType())
	return m, err
}

// write writes the weights and what says which they are.
func (d *folder) write(w *ptzip.Writer) error {
	defer runtime.KeepAlive(d.weights)
	for i, memory := range d.records {
		if err := w.Write(fmt.Sprint(d.path, d.prefix, i), memory); err != nil {
			return err
		}
	}
	return writeJSON(w, d.path+d.config, d.payload)
}
