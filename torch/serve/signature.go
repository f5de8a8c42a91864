package serve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// Spec is what is known of a tensor that a model takes or gives.
type Spec struct {
	Name  string
	DType torch.DType // 0 if any will do
	Shape []int       // -1 for a size that the request decides; nil if any shape will do
	Sizes []string    // names of the sizes, or "": those of one name are equal; nil for none
}

// Signature is what a model takes and gives.
type Signature struct {
	Inputs   []Spec
	Outputs  []Spec // nil if it is not known; then they are called output_0, output_1, ...
	Platform string // what kind of model it is, such as "pytorch_export"

	// Batch says that the first size of every input and output counts rows that do not
	// depend on each other, so that several requests can be run together.
	Batch bool
	// BatchSizes are the numbers of rows that the model is run with, ascending: others are
	// filled up with copies of the last row. Nil stands for any number.
	BatchSizes []int
	// Device is where the model takes its inputs; the zero Device is the CPU.
	Device torch.Device
}

// check fails on a signature that contradicts itself.
func (s *Signature) check() error {
	names := map[string]bool{}
	for _, list := range [][]Spec{s.Inputs, s.Outputs} {
		clear(names)
		for _, spec := range list {
			switch {
			case spec.Name == "" || names[spec.Name]:
				return fmt.Errorf("two inputs or outputs have the name %q, or it is empty", spec.Name)
			case spec.Sizes != nil && len(spec.Sizes) != len(spec.Shape):
				return fmt.Errorf("%s has %d sizes and %d names of them", spec.Name, len(spec.Shape), len(spec.Sizes))
			case s.Batch && spec.Shape != nil && len(spec.Shape) == 0:
				return fmt.Errorf("%s has no size that counts the rows of a batch", spec.Name)
			case slices.ContainsFunc(spec.Shape, func(n int) bool { return n < -1 }):
				return fmt.Errorf("%s has the shape %v: a size is -1 if requests decide it", spec.Name, spec.Shape)
			}
			names[spec.Name] = true
		}
	}
	if len(s.Inputs) == 0 {
		return fmt.Errorf("the model takes nothing")
	}
	if !slices.IsSorted(s.BatchSizes) || len(s.BatchSizes) > 0 && s.BatchSizes[0] < 1 {
		return fmt.Errorf("the BatchSizes %v do not ascend from 1 or more", s.BatchSizes)
	}
	return nil
}

// order returns the inputs of a request in the signature's order, and how many rows it has.
// It fails, with words for who sent it, on others than the signature wants.
func (s *Signature) order(inputs []Array) (ordered []Array, rows int, err error) {
	ordered = make([]Array, len(s.Inputs))
	for _, in := range inputs {
		at := slices.IndexFunc(s.Inputs, func(spec Spec) bool { return spec.Name == in.Name })
		switch {
		case at < 0:
			return nil, 0, refuse("there is no input %s: the model takes %s", brief.Text(in.Name), s.names())
		case ordered[at].Name != "":
			return nil, 0, refuse("the input %s is given twice", in.Name)
		}
		ordered[at] = in
	}
	rows = 1
	sizes := map[string]int{}
	for i := range s.Inputs {
		in, spec := &ordered[i], &s.Inputs[i]
		if in.Name == "" {
			return nil, 0, refuse("the input %s is missing: the model takes %s", spec.Name, s.names())
		}
		if err := s.fits(in, spec, sizes); err != nil {
			return nil, 0, err
		}
		if !s.Batch {
			continue
		}
		if i > 0 && in.Shape[0] != rows {
			return nil, 0, refuse("the input %s has %d rows, and %s has %d", in.Name, in.Shape[0], ordered[0].Name, rows)
		}
		rows = in.Shape[0]
	}
	if rows == 0 {
		return nil, 0, refuse("the inputs have no rows")
	}
	return ordered, rows, nil
}

// fits fails on an input that is not what its specification says.
func (s *Signature) fits(in *Array, spec *Spec, sizes map[string]int) error {
	if spec.DType != 0 && in.DType != spec.DType {
		return refuse("the input %s is of %s, want %s", in.Name, datatypes[in.DType], datatypes[spec.DType])
	}
	if n, err := in.bytes(); err != nil {
		return refuse("the input %s: %v", in.Name, err)
	} else if n != len(in.Data) {
		return refuse("the input %s has %d bytes, want %d for the shape %v", in.Name, len(in.Data), n, in.Shape)
	}
	if spec.Shape == nil {
		if s.Batch && len(in.Shape) == 0 {
			return refuse("the input %s has no rows", in.Name)
		}
		return nil
	}
	fits := len(in.Shape) == len(spec.Shape)
	for i := 0; fits && i < len(spec.Shape); i++ {
		rows := s.Batch && i == 0 // filled up to what the model wants
		fits = spec.Shape[i] < 0 || in.Shape[i] == spec.Shape[i] || rows && in.Shape[i] < spec.Shape[i]
	}
	if !fits {
		return refuse("the input %s has the shape %s, want %v", in.Name, brief.Text(fmt.Sprint(in.Shape)), spec.Shape)
	}
	for i, name := range spec.Sizes {
		if name == "" || s.Batch && i == 0 {
			continue
		}
		if n, ok := sizes[name]; ok && n != in.Shape[i] {
			return refuse("size %d of the input %s is %d, want %d as others of its name, %s", i, in.Name, in.Shape[i], n, name)
		}
		sizes[name] = in.Shape[i]
	}
	return nil
}

// names lists the inputs.
func (s *Signature) names() string {
	list := make([]string, len(s.Inputs))
	for i, in := range s.Inputs {
		list[i] = in.Name
	}
	return strings.Join(list, ", ")
}

// filled returns how many rows the model is run with for a number of rows.
func (s *Signature) filled(rows int) int {
	at, _ := slices.BinarySearch(s.BatchSizes, rows)
	if at == len(s.BatchSizes) {
		return rows
	}
	return s.BatchSizes[at]
}

// output returns the name of an output.
func (s *Signature) output(i int) string {
	if i < len(s.Outputs) {
		return s.Outputs[i].Name
	}
	return fmt.Sprint("output_", i)
}
