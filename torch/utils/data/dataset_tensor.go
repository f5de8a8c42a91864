package data

import "github.com/wangkuiyi/gotorch/torch"

// TensorDataset is tensors whose rows are the samples: sample i is row i of each.
//
// https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset
type TensorDataset struct {
	Tensors []*torch.Tensor
	n       int
	devices []torch.Device
}

// NewTensorDataset returns the dataset of tensors, which it refers to. It panics
// if there are none, or if their first dimensions differ.
func NewTensorDataset(tensors ...*torch.Tensor) *TensorDataset {
	const op = "data.NewTensorDataset"
	if len(tensors) == 0 {
		panic(torch.Errorf(op, torch.ValueError, "there are no tensors"))
	}
	d := &TensorDataset{Tensors: tensors, n: tensors[0].Size(0)}
	for _, x := range tensors {
		if x.Size(0) != d.n {
			panic(torch.Errorf(op, torch.ValueError, "Size mismatch between tensors"))
		}
		d.devices = append(d.devices, x.Device())
	}
	return d
}

// Len returns the number of rows.
func (d *TensorDataset) Len() int { return d.n }

// At returns row index of each tensor, as views.
func (d *TensorDataset) At(index int) ([]*torch.Tensor, error) {
	if err := checkIndex("data.TensorDataset.At", index, d.n); err != nil {
		return nil, err
	}
	row := make([]*torch.Tensor, len(d.Tensors))
	for i, x := range d.Tensors {
		row[i] = x.Select(0, index)
	}
	return row, nil
}

// Gather returns rows of each tensor, by one index_select for each. The results
// are copies.
func (d *TensorDataset) Gather(indices []int) ([]*torch.Tensor, error) {
	for _, index := range indices {
		if err := checkIndex("data.TensorDataset.Gather", index, d.n); err != nil {
			return nil, err
		}
	}
	order := torch.FromSlice(indices)
	defer order.Close()
	rows := make([]*torch.Tensor, len(d.Tensors))
	for i, x := range d.Tensors {
		if d.devices[i].IsCPU() {
			rows[i] = x.IndexSelect(0, order)
		} else {
			rows[i] = x.IndexSelect(0, order.To(d.devices[i]))
		}
	}
	return rows, nil
}
