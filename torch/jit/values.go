package jit

import (
	"fmt"
	"math"
	"strings"
	"unsafe"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/strided"
)

// pickle checks the values of a record: that they are of what TorchScript has, that tensors
// lie within their memory, and that nothing is nested too deep.
func (c *checker) pickle(name string) error {
	data, err := c.records.Inflate(name, c.limit)
	if err != nil {
		return err
	}
	if err := c.budget.Take(len(data)); err != nil {
		return err
	}
	folder := strings.TrimSuffix(name, ".pkl") + "/"
	value, err := pickle.Reader{
		Global:     globalOf,
		Persistent: func(id any) (any, error) { return c.storage(folder, id) },
		Key:        func(any) bool { return true },
		Budget:     c.budget,
	}.Read(data)
	if err == nil {
		err = (&depths{heights: map[unsafe.Pointer]int{}}).check(value)
	}
	if err != nil {
		return fmt.Errorf("record %q: %w", brief.Text(name), err)
	}
	return nil
}

// object is an object of a class of the program's. What it is made of does not matter here.
type object struct{ state any }

// SetState implements pickle.Object.
func (o *object) SetState(state any) error {
	o.state = state
	return nil
}

// other is a value that needs no check.
type other struct{}

// storageClass is a class of storages: how many bytes an element has.
type storageClass int

// storage is memory of tensors.
type storage struct {
	elements int  // as many as the record has
	absent   bool // on a device without memory
}

var storageClasses = map[string]storageClass{
	"FloatStorage": 4, "DoubleStorage": 8, "HalfStorage": 2, "BFloat16Storage": 2,
	"LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
	"ComplexHalfStorage": 4, "ComplexFloatStorage": 8, "ComplexDoubleStorage": 16,
	"QInt8Storage": 1, "QUInt8Storage": 1, "QInt32Storage": 4,
	"UInt16Storage": 2, "UInt32Storage": 4, "UInt64Storage": 8,
	"Float8_e4m3fnStorage": 1, "Float8_e5m2Storage": 1, "Float8_e4m3fnuzStorage": 1, "Float8_e5m2fnuzStorage": 1,
}

// globalOf returns what a name stands for. It fails on those that TorchScript does not write.
func globalOf(g pickle.Global) (any, error) {
	if g.Module == "__torch__" || strings.HasPrefix(g.Module, "__torch__.") {
		return pickle.Func(func(pickle.Tuple) (any, error) { return &object{}, nil }), nil
	}
	if g.Module == "torch" {
		if class, ok := storageClasses[g.Name]; ok {
			return class, nil
		}
		switch g.Name {
		case "per_tensor_affine", "per_channel_affine", "per_channel_affine_float_qparams", "per_tensor_symmetric", "per_channel_symmetric":
			return other{}, nil
		}
	}
	switch g.String() {
	case "torch.jit._pickle.build_intlist", "torch.jit._pickle.build_doublelist", "torch.jit._pickle.build_boollist",
		"torch.jit._pickle.build_tensorlist":
		return pickle.Func(func(args pickle.Tuple) (any, error) { return only(g, args, 1) }), nil
	case "torch.jit._pickle.restore_type_tag":
		return pickle.Func(func(args pickle.Tuple) (any, error) {
			value, err := only(g, args, 2)
			if err != nil {
				return nil, err
			}
			text, ok := args[1].(string)
			if !ok {
				return nil, fmt.Errorf("a type is %s", brief.Value(args[1]))
			}
			return value, checkSource(text)
		}), nil
	case "torch._utils._rebuild_tensor_v2":
		return pickle.Func(func(args pickle.Tuple) (any, error) { return other{}, checkTensor(args, 2, 3) }), nil
	case "torch._utils._rebuild_qtensor":
		return pickle.Func(func(args pickle.Tuple) (any, error) { return other{}, checkTensor(args, 2, 3) }), nil
	case "torch._utils._rebuild_sparse_tensor", "torch.serialization._get_layout", "torch.device", "builtins.complex":
		return pickle.Func(func(pickle.Tuple) (any, error) { return other{}, nil }), nil
	}
	return nil, fmt.Errorf("%v is not what TorchScript writes", g)
}

// only returns the first of a function's arguments, of which there must be n.
func only(g pickle.Global, args pickle.Tuple, n int) (any, error) {
	if len(args) != n {
		return nil, fmt.Errorf("%v has %d arguments, want %d", g, len(args), n)
	}
	return args[0], nil
}

// storage returns a storage: ("storage", class, key, location, elements). It fails where the
// record has not so many.
func (c *checker) storage(folder string, id any) (any, error) {
	args, ok := id.(pickle.Tuple)
	if !ok || len(args) != 5 || args[0] != "storage" {
		return nil, fmt.Errorf("%s is not kept beside a pickle: want a storage", brief.Value(id))
	}
	class, ok1 := args[1].(storageClass)
	key, ok2 := args[2].(string)
	location, ok3 := args[3].(string)
	n, ok4 := args[4].(int)
	if !ok1 || !ok2 || !ok3 || !ok4 || n < 0 {
		return nil, fmt.Errorf("a storage is %s", brief.Value(id))
	}
	if location == "meta" {
		return storage{absent: true}, nil
	}
	record := folder + key
	if !c.records.Has(record) && n > 0 {
		return nil, fmt.Errorf("record %q is missing", brief.Text(record))
	}
	if size := c.records.Size(record); n > math.MaxInt/int(class) || uint64(n*int(class)) > size {
		return nil, fmt.Errorf("storage %q has %d bytes, too few for %d elements of %d", brief.Text(record), size, n, int(class))
	}
	return storage{elements: n}, nil
}

// checkTensor fails where a tensor does not lie within its storage: storage, offset, and
// where its sizes and strides are among the arguments.
func checkTensor(args pickle.Tuple, sizes, strides int) error {
	if len(args) <= strides {
		return fmt.Errorf("a tensor is made of %d things", len(args))
	}
	s, ok1 := args[0].(storage)
	offset, ok2 := args[1].(int)
	size, ok3 := ints(args[sizes])
	stride, ok4 := ints(args[strides])
	switch {
	case !ok1 || !ok2 || !ok3 || !ok4:
		return fmt.Errorf("a tensor is made of %s", brief.Value(args))
	case s.absent:
		s.elements = math.MaxInt
	}
	if !strided.Fits(s.elements, offset, size, stride) {
		return fmt.Errorf("a tensor of sizes %s, strides %s and offset %d does not fit into its storage of %d elements",
			brief.Value(size), brief.Value(stride), offset, s.elements)
	}
	return nil
}

func ints(v any) ([]int, bool) {
	tuple, ok := v.(pickle.Tuple)
	if !ok {
		return nil, false
	}
	list := make([]int, len(tuple))
	for i, item := range tuple {
		if list[i], ok = item.(int); !ok {
			return nil, false
		}
	}
	return list, true
}

// depths finds how deep values are nested.
type depths struct {
	heights map[unsafe.Pointer]int // of what was looked at; -1 while it is
	depth   int
}

func (d *depths) check(value any) error {
	_, err := d.height(value)
	return err
}

// height returns how deep values are nested in a value. It fails if they are too deep, and
// on what holds itself.
func (d *depths) height(value any) (int, error) {
	var key unsafe.Pointer
	switch v := value.(type) {
	case pickle.Tuple:
		if len(v) == 0 {
			return 0, nil
		}
		key = unsafe.Pointer(unsafe.SliceData(v))
	case *pickle.List:
		key = unsafe.Pointer(v)
	case *pickle.Dict:
		key = unsafe.Pointer(v)
	case *object:
		key = unsafe.Pointer(v)
	default:
		return 0, nil
	}
	h, known := d.heights[key]
	switch {
	case known && h < 0:
		return 0, fmt.Errorf("a %T holds itself", value)
	case d.depth+max(h, 0) > mostNested:
		return 0, fmt.Errorf("values are nested more than %d deep", mostNested)
	case known:
		return h, nil
	}
	d.heights[key] = -1
	d.depth++
	most := 0
	var err error
	in := func(item any) bool {
		var h int
		h, err = d.height(item)
		most = max(most, h+1)
		return err == nil
	}
	switch v := value.(type) {
	case pickle.Tuple:
		for _, item := range v {
			if !in(item) {
				break
			}
		}
	case *pickle.List:
		v.All(in)
	case *pickle.Dict:
		v.All(func(key, item any) bool { return in(key) && in(item) })
		if err == nil && v.Attributes != nil {
			in(v.Attributes)
		}
	case *object:
		in(v.state)
	}
	d.depth--
	d.heights[key] = most
	return most, err
}
