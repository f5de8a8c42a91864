package torch

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/pickle"
)

// The functions and classes that PyTorch's files name.
var (
	globalTensorV1       = pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor"}
	globalTensor         = pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v2"}
	globalTensorV3       = pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v3"}
	globalMeta           = pickle.Global{Module: "torch._utils", Name: "_rebuild_meta_tensor_no_storage"}
	globalParameter      = pickle.Global{Module: "torch._utils", Name: "_rebuild_parameter"}
	globalParameterState = pickle.Global{Module: "torch._utils", Name: "_rebuild_parameter_with_state"}
	globalQuantized      = pickle.Global{Module: "torch._utils", Name: "_rebuild_qtensor"}
	globalSparse         = pickle.Global{Module: "torch._utils", Name: "_rebuild_sparse_tensor"}
	globalFromCPU        = pickle.Global{Module: "torch._utils", Name: "_rebuild_device_tensor_from_cpu_tensor"}
	globalFromType       = pickle.Global{Module: "torch._tensor", Name: "_rebuild_from_type_v2"}
	globalTensorClass    = pickle.Global{Module: "torch", Name: "Tensor"}
	globalParameterClass = pickle.Global{Module: "torch.nn.parameter", Name: "Parameter"}
	globalUntyped        = pickle.Global{Module: "torch.storage", Name: "UntypedStorage"}
	globalUntypedOld     = pickle.Global{Module: "torch", Name: "UntypedStorage"}
	globalCounter        = pickle.Global{Module: "collections", Name: "Counter"}
	globalSize           = pickle.Global{Module: "torch", Name: "Size"}
	globalDevice         = pickle.Global{Module: "torch", Name: "device"}
	globalLayout         = pickle.Global{Module: "torch.serialization", Name: "_get_layout"}
	globalComplex        = builtin("complex")
	globalSet            = builtin("set")
	globalByteArray      = builtin("bytearray")
)

// builtin is one of Python's own classes. Protocol 2 has the name of Python 2.
func builtin(name string) pickle.Global { return pickle.Global{Module: "__builtin__", Name: name} }

// storageClasses are the names of the storages that have a dtype of their own.
// Those of other dtypes are untyped.
var storageClasses = map[DType]string{
	Uint8: "ByteStorage", Int8: "CharStorage", Int16: "ShortStorage", Int32: "IntStorage", Int64: "LongStorage",
	Float16: "HalfStorage", Float32: "FloatStorage", Float64: "DoubleStorage", BFloat16: "BFloat16Storage",
	Complex64: "ComplexFloatStorage", Complex128: "ComplexDoubleStorage", Bool: "BoolStorage",
	QInt8: "QInt8Storage", QUint8: "QUInt8Storage", QInt32: "QInt32Storage",
}

// saver collects what a file will hold.
type saver struct {
	storages []*savedStorage
	byHandle map[cgotorch.Handle]*savedStorage
	tensors  map[*Tensor]any // what they are in the pickle
	open     map[open]any    // what lists and maps are that are being encoded
}

// savedStorage is the memory of tensors.
type savedStorage struct {
	key    string
	dtype  DType   // of the tensor that was first; 0 for none
	bytes  *Tensor // all of it, Uint8
	handle cgotorch.Handle
}

func newSaver() *saver {
	return &saver{byHandle: map[cgotorch.Handle]*savedStorage{}, tensors: map[*Tensor]any{}, open: map[open]any{}}
}

func (s *saver) close() {
	for _, storage := range s.storages {
		storage.bytes.Close()
		cgotorch.FreeStorage(storage.handle)
	}
}

// tensor returns what a tensor is in a pickle; nil is None.
func (s *saver) tensor(x *Tensor) (call any, err error) {
	if x == nil {
		return nil, nil
	}
	if call, ok := s.tensors[x]; ok {
		return call, nil
	}
	if failed := Try(func() { NoGrad(func() { call, err = s.encodeTensor(x) }) }); failed != nil || err != nil {
		return nil, errors.Join(failed, err)
	}
	s.tensors[x] = call
	return call, nil
}

func (s *saver) encodeTensor(x *Tensor) (any, error) {
	requiresGrad := x.RequiresGrad()
	switch {
	case x.IsNested():
		return nil, errors.New("a nested tensor cannot be saved: save the list that Unbind(0) returns")
	case x.IsMeta():
		return &pickle.Call{Func: globalMeta, Args: pickle.Tuple{x.DType().global(), ints(x.Shape()), ints(x.Stride()), requiresGrad}}, nil
	case x.IsQuantized():
		return s.encodeQuantized(x, requiresGrad)
	case x.Layout() != Strided:
		return s.encodeSparse(x)
	}
	if x.IsConj() || x.IsNeg() {
		conj := x.ResolveConj()
		defer conj.Close()
		x = conj.ResolveNeg()
		defer x.Close()
	}
	storage := s.storage(x)
	args := pickle.Tuple{nil, x.StorageOffset(), ints(x.Shape()), ints(x.Stride()), requiresGrad, &pickle.Dict{Ordered: true}}
	if storage.dtype == x.DType() {
		args[0] = storage.id(x.DType())
		return &pickle.Call{Func: globalTensor, Args: args}, nil
	}
	args[0] = storage.id(0)
	return &pickle.Call{Func: globalTensorV3, Args: append(args, x.DType().global())}, nil
}

// id returns what stands for the storage in a pickle, as one of elements of a dtype, or
// as untyped.
func (s *savedStorage) id(dtype DType) pickle.Persistent {
	class, n := globalUntyped, s.bytes.Numel()
	if dtype != 0 {
		class, n = pickle.Global{Module: "torch", Name: storageClasses[dtype]}, n/dtype.ItemSize()
	}
	return pickle.Persistent{ID: pickle.Tuple{"storage", class, s.key, s.bytes.Device().String(), n}}
}

// global returns the dtype's name in a file.
func (d DType) global() pickle.Global {
	return pickle.Global{Module: "torch", Name: strings.TrimPrefix(d.String(), "torch.")}
}

func ints(list []int) pickle.Tuple {
	t := make(pickle.Tuple, len(list))
	for i, v := range list {
		t[i] = v
	}
	return t
}

// storage returns the storage of a tensor, which it may share with others.
func (s *saver) storage(x *Tensor) *savedStorage {
	readsHost("torch.Save", x)
	handle := x.storageHandle("torch.Save")
	if storage := s.byHandle[handle]; storage != nil {
		cgotorch.FreeStorage(handle)
		return storage
	}
	storage := &savedStorage{key: strconv.Itoa(len(s.storages)), handle: handle}
	s.storages = append(s.storages, storage)
	s.byHandle[handle] = storage
	bytes := x.storageBytes("torch.Save")
	storage.bytes = onStorage(handle, Uint8, x.Device(), 0, []int{bytes}, []int{1})
	if storageClasses[x.DType()] != "" && bytes%x.ElementSize() == 0 {
		storage.dtype = x.DType()
	}
	return storage
}

// chunk is how much of a storage is copied at a time.
const chunk = 1 << 20

// write writes the storage's bytes.
func (s *savedStorage) write(w io.Writer) (err error) {
	if memory := cgotorch.StorageData(s.handle); memory != nil {
		for part := range slices.Chunk(memory, chunk) {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return nil
	}
	size := s.bytes.Numel()
	buffer := make([]byte, min(size, chunk))
	for at := 0; at < size && err == nil; at += len(buffer) {
		part := buffer[:min(len(buffer), size-at)]
		view := s.bytes.Narrow(0, at, len(part))
		CopyToSlice(part, view)
		view.Close()
		_, err = w.Write(part)
	}
	return err
}
