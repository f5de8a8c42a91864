package torch

import "fmt"

// Layout says how a tensor's elements are kept. The zero Layout stands for "not
// given".
//
// https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch-layout
type Layout uint8

// The layouts, each libtorch's number plus one.
const (
	Strided   Layout = 1 + iota // in memory, at sizes and strides
	SparseCOO                   // coordinates and values
	SparseCSR                   // compressed rows
	Mkldnn                      // oneDNN's own
	SparseCSC                   // compressed columns
	SparseBSR                   // compressed rows of blocks
	SparseBSC                   // compressed columns of blocks
	Jagged                      // nested, of rows of different lengths
)

var layoutNames = [...]string{"default", "strided", "sparse_coo", "sparse_csr", "_mkldnn", "sparse_csc", "sparse_bsr", "sparse_bsc", "jagged"}

// String returns PyTorch's name, such as "torch.strided".
func (l Layout) String() string {
	if int(l) < len(layoutNames) {
		return "torch." + layoutNames[l]
	}
	return fmt.Sprintf("torch.layout(%d)", int(l)-1)
}

// MemoryFormat says in which order a dense tensor's elements lie in memory. The
// zero MemoryFormat stands for "not given".
//
// https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch-memory-format
type MemoryFormat uint8

// The memory formats, each libtorch's number plus one.
const (
	ContiguousFormat MemoryFormat = 1 + iota // the last dimension first
	PreserveFormat                           // as the input's
	ChannelsLast                             // of n × c × h × w, the channels first
	ChannelsLast3d                           // of n × c × d × h × w, the channels first
)

var memoryFormatNames = [...]string{"default", "contiguous_format", "preserve_format", "channels_last", "channels_last_3d"}

// String returns PyTorch's name, such as "torch.channels_last".
func (f MemoryFormat) String() string {
	if int(f) < len(memoryFormatNames) {
		return "torch." + memoryFormatNames[f]
	}
	return fmt.Sprintf("torch.memory_format(%d)", int(f)-1)
}

// QScheme says how a tensor is quantized. The zero QScheme stands for "not given".
//
// https://docs.pytorch.org/docs/stable/quantization.html
type QScheme uint8

// The quantization schemes, each libtorch's number plus one.
const (
	PerTensorAffine              QScheme = 1 + iota // by one scale and zero point
	PerChannelAffine                                // by those of each slice along an axis
	PerTensorSymmetric                              // by one scale
	PerChannelSymmetric                             // by a scale of each slice
	PerChannelAffineFloatQParams                    // by scales and zero points that are floats
)

var qschemeNames = [...]string{"default", "per_tensor_affine", "per_channel_affine", "per_tensor_symmetric", "per_channel_symmetric",
	"per_channel_affine_float_qparams"}

// String returns PyTorch's name, such as "torch.per_tensor_affine".
func (q QScheme) String() string {
	if int(q) < len(qschemeNames) {
		return "torch." + qschemeNames[q]
	}
	return fmt.Sprintf("torch.qscheme(%d)", int(q)-1)
}

// isPerTensor reports whether one scale and zero point hold for all elements.
func (q QScheme) isPerTensor() bool { return q == PerTensorAffine || q == PerTensorSymmetric }

var opQScheme = NewOperator("aten::qscheme(Tensor self) -> QScheme")

// QScheme returns how the tensor is quantized. It panics if it is not.
//
// https://docs.pytorch.org/docs/stable/generated/torch.Tensor.qscheme.html
func (x *Tensor) QScheme() QScheme { return QScheme(x.ask(opQScheme).Int() + 1) }
