package serve

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// batch is requests that are run together.
type batch struct {
	*Signature
	tasks []*task
	rows  int                // of all tasks
	pad   map[string]float64 // what the shorter ones of an input are filled up with
}

// stack returns the inputs of the model: those of the requests, one below the other, on the
// model's device.
func (b *batch) stack() []*torch.Tensor {
	inputs := make([]*torch.Tensor, len(b.Inputs))
	for i := range b.Inputs {
		x := b.input(i)
		if b.Device != (torch.Device{}) && !b.Device.IsCPU() {
			x = x.To(b.Device)
		}
		inputs[i] = x
	}
	return inputs
}

// input returns an input of all requests.
func (b *batch) input(i int) *torch.Tensor {
	first := &b.tasks[0].inputs[i]
	if !b.Batch {
		return first.Tensor()
	}
	shape := slices.Clone(first.Shape)
	for _, t := range b.tasks[1:] {
		for d, n := range t.inputs[i].Shape[1:] {
			shape[d+1] = max(shape[d+1], n)
		}
	}
	shape[0] = max(b.rows, b.filled(b.rows))
	options := torch.TensorOptions{DType: first.DType, Device: torch.CPU}
	var x *torch.Tensor
	if value, ok := b.pad[first.Name]; ok && b.differ(i) {
		x = torch.Full(shape, value, options)
	} else {
		x = torch.Empty(shape, options)
	}
	memory := elements(x)
	size := first.DType.ItemSize()
	row := size // bytes
	for _, n := range shape[1:] {
		row *= n
	}
	at := 0
	for _, t := range b.tasks {
		in := &t.inputs[i]
		place(memory[at:], shape[1:], in.Data, in.Shape, size)
		at += t.rows * row
	}
	for ; at < len(memory); at += row { // what is true of a row is true of its copy
		copy(memory[at:at+row], memory[at-row:at])
	}
	runtime.KeepAlive(x)
	return x
}

// differ reports whether an input has other sizes in some requests than in others.
func (b *batch) differ(i int) bool {
	return slices.ContainsFunc(b.tasks, func(t *task) bool {
		return !slices.Equal(t.inputs[i].Shape[1:], b.tasks[0].inputs[i].Shape[1:])
	})
}

// place copies elements of a shape, n × inner, into memory of n × outer, where no size of
// outer is smaller.
func place(memory []byte, outer []int, data []byte, shape []int, size int) {
	inner := shape[1:]
	if slices.Equal(inner, outer) {
		copy(memory, data)
		return
	}
	to, from := size, size // bytes of an item of the first size
	for i := range outer {
		to *= outer[i]
		from *= inner[i]
	}
	for i := range shape[0] {
		place(memory[i*to:], outer[1:], data[i*from:(i+1)*from], inner, size)
	}
}

// crop is place the other way around: it returns the elements of n × inner out of n × outer.
func crop(data []byte, memory []byte, outer []int, shape []int, size int) []byte {
	inner := shape[1:]
	to, from := size, size
	for i := range outer {
		to *= outer[i]
		from *= inner[i]
	}
	if to == from {
		return append(data, memory[:shape[0]*from]...)
	}
	for i := range shape[0] {
		data = crop(data, memory[i*to:], outer[1:], inner, size)
	}
	return data
}

// split gives each request its rows of the outputs.
func (b *batch) split(outputs []*torch.Tensor) ([][]Array, error) {
	if b.Outputs != nil && len(outputs) != len(b.Outputs) {
		return nil, fmt.Errorf("the model gives %d outputs, and its signature has %d", len(outputs), len(b.Outputs))
	}
	results := make([][]Array, len(b.tasks))
	for i, y := range outputs {
		if y == nil {
			return nil, fmt.Errorf("the output %s is nil", b.output(i))
		}
		if !b.Batch {
			results[0] = append(results[0], NewArray(b.output(i), y))
			continue
		}
		if y.Dim() == 0 || y.Size(0) < b.rows {
			return nil, fmt.Errorf("the output %s has the shape %v for %d rows", b.output(i), y.Shape(), b.rows)
		}
		b.divide(i, y.Detach().To(torch.CPU).Contiguous(), results)
	}
	return results, nil
}

// divide gives each request its rows of an output.
func (b *batch) divide(i int, y *torch.Tensor, results [][]Array) {
	memory := elements(y)
	shape, size := y.Shape(), y.ElementSize()
	row := size
	for _, n := range shape[1:] {
		row *= n
	}
	at := 0
	for r, t := range b.tasks {
		own := slices.Clone(shape)
		own[0] = t.rows
		if i < len(b.Outputs) && len(b.pad) > 0 {
			b.trim(own, &b.Outputs[i], t)
		}
		a := Array{Name: b.output(i), DType: y.DType(), Shape: own}
		a.Data = crop(nil, memory[at:], shape[1:], own, size)
		results[r] = append(results[r], a)
		at += t.rows * row
	}
	runtime.KeepAlive(y)
}

// trim sets the sizes of an output that have the name of a size of the request's inputs to
// that size, which in the batch was filled up.
func (b *batch) trim(shape []int, out *Spec, t *task) {
	for d := 1; d < min(len(shape), len(out.Sizes)); d++ {
		for i, in := range b.Inputs {
			at := slices.Index(in.Sizes, out.Sizes[d])
			if out.Sizes[d] != "" && at > 0 {
				shape[d] = min(shape[d], t.inputs[i].Shape[at])
			}
		}
	}
}
