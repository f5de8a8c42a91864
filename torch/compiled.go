package torch

import (
	"runtime"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// compiled is a model that AOTInductor compiled, for package aoti. Several goroutines may
// run it at once. The garbage collector frees it.
type compiled struct{ model *cgotorch.Compiled }

// LoadCompiled loads a compiled model from a shared library, for a device such as
// "cuda:0". kernels is the folder of the files that it looks for.
func (exports) LoadCompiled(library, device, kernels string, runners int) (*compiled, error) {
	if err := cgotorch.Load(); err != nil {
		return nil, errorOf("", &cgotorch.Error{Kind: cgotorch.KindUnsupported, Message: err.Error()})
	}
	model, err := cgotorch.LoadCompiled(library, device, kernels, runners)
	if err != nil {
		return nil, errorOf("", err)
	}
	m := &compiled{model}
	runtime.AddCleanup(m, (*cgotorch.Compiled).Free, model)
	return m, nil
}

// Describe returns what the model says of itself, and the dtypes of its constants.
func (m *compiled) Describe() (d cgotorch.Description, dtypes []DType, err error) {
	d, failure := m.model.Describe()
	runtime.KeepAlive(m)
	if failure != nil {
		return d, nil, errorOf("", failure)
	}
	for _, c := range d.Constants {
		dtypes = append(dtypes, dtypeOf(c.DType))
	}
	return d, dtypes, nil
}

// Run runs the model.
func (m *compiled) Run(inputs []*Tensor) (outputs []*Tensor, err error) {
	var c Call
	c.Tensors(inputs)
	c.hold()
	raw, failure := m.model.Run(&c.args)
	c.release()
	runtime.KeepAlive(m)
	if failure != nil {
		return nil, Try(func() { c.fail("", failure) })
	}
	r := Results{raw}
	if cgotorch.Warned() {
		r.warnBefore()
	}
	return r.Tensors(), nil
}

// Constants returns copies of the model's constants by their names.
func (m *compiled) Constants() (map[string]*Tensor, error) {
	raw, failure := m.model.Constants()
	runtime.KeepAlive(m)
	if failure != nil {
		return nil, errorOf("", failure)
	}
	r := Results{raw}
	constants := map[string]*Tensor{}
	for range r.raw.TakeList() {
		r.raw.TakeTuple()
		name := r.raw.TakeString()
		constants[name] = r.Tensor()
	}
	return constants, nil
}

// Update replaces constants by copies of tensors.
func (m *compiled) Update(names []string, tensors []*Tensor) error {
	var c Call
	c.args.List(len(names))
	for _, name := range names {
		c.String(name)
	}
	c.Tensors(tensors)
	c.hold()
	failure := m.model.Update(&c.args)
	c.release()
	runtime.KeepAlive(m)
	if failure != nil {
		return Try(func() { c.fail("", failure) })
	}
	return nil
}

// Free frees the model; calls that run it end first.
func (m *compiled) Free() { m.model.Free() }
