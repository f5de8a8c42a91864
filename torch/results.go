package torch

import "github.com/wangkuiyi/gotorch/cgotorch"

// Results are what a [Call] gave, to be taken in order.
type Results struct{ raw cgotorch.Results }

// Tensor takes a tensor; None gives nil.
func (r *Results) Tensor() *Tensor { return newTensor(r.raw.TakeTensor(), r.raw.Scope) }

// Tensors takes a list of tensors.
func (r *Results) Tensors() []*Tensor {
	list := make([]*Tensor, r.raw.TakeList())
	for i := range list {
		list[i] = r.Tensor()
	}
	return list
}

// Bool takes a bool.
func (r *Results) Bool() bool { return r.raw.TakeBool() }

// Int takes an int.
func (r *Results) Int() int { return int(r.raw.TakeInt()) }

// Float takes a float.
func (r *Results) Float() float64 { return r.raw.TakeFloat() }

// Text takes a str.
func (r *Results) Text() string { return r.raw.TakeString() }

// List takes the start of a list, whose elements are the next n values.
func (r *Results) List() (n int) { return r.raw.TakeList() }

// DType takes a dtype.
func (r *Results) DType() DType { return dtypeOf(int32(r.raw.TakeInt())) }

// Device takes a device.
func (r *Results) Device() Device { return deviceOf(r.raw.TakeDevice()) }

// Dict takes the start of a dict and returns how many pairs of a key and a value follow.
func (r *Results) Dict() (n int) { return r.raw.TakeDict() }
