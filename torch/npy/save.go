package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// SaveOptions are the options of [Save].
type SaveOptions struct {
	Sync bool // wait until the file is on the disk, as with torch.SaveOptions
}

// Save writes a tensor to a .npy file, with the bytes of Python's numpy.save: in Fortran's
// order if the tensor is the transposed of a contiguous one, else in C's. What Load then
// gives has no gradients. The file appears, or takes the place of an old one, when it is
// complete, as with [torch.Save]. Save fails on a tensor that is nil, sparse, nested or on
// [torch.Meta], and on dtypes that NumPy lacks, such as bfloat16.
//
// https://numpy.org/doc/stable/reference/generated/numpy.save.html
func Save(x *torch.Tensor, path string, options ...SaveOptions) error {
	o, err := option.AtMostOne(options)
	if err == nil {
		err = savable(x)
	}
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error { return write(x, w) }, atomicfile.Options(o))
	}
	if err != nil {
		return fmt.Errorf("npy.Save: %s: %w", path, err)
	}
	return nil
}

// SaveTo is [Save] to a writer.
func SaveTo(x *torch.Tensor, w io.Writer) error {
	if w == nil {
		return errors.New("npy.SaveTo: the writer is nil")
	}
	err := savable(x)
	if err == nil {
		err = write(x, w)
	}
	if err != nil {
		return fmt.Errorf("npy.SaveTo: %w", err)
	}
	return nil
}

// savable says what keeps a tensor from being saved.
func savable(x *torch.Tensor) (refused error) {
	if x == nil {
		return errors.New("the tensor is nil")
	}
	err := torch.Try(func() {
		switch {
		case x.IsNested():
			refused = errors.New("a nested tensor cannot be saved: save those that Unbind(0) returns")
		case x.Layout() != torch.Strided:
			refused = fmt.Errorf("a tensor of layout %v cannot be saved: save its ToDense()", x.Layout())
		case typeOf(x.DType()) == "":
			refused = fmt.Errorf("NumPy has no dtype for %v: save it converted, such as To(torch.Float32)", x.DType())
		case x.IsMeta():
			refused = errors.New("a tensor on meta has no elements to save")
		}
	})
	return errors.Join(err, refused)
}

// typeOf returns NumPy's word for a dtype, or "".
func typeOf(dtype torch.DType) string {
	for name, d := range dtypes {
		if d == dtype && dtype.ItemSize() == 1 {
			return "|" + name
		} else if d == dtype {
			return "<" + name
		}
	}
	return ""
}

// write writes a tensor that can be saved.
func write(x *torch.Tensor, w io.Writer) (err error) {
	failed := torch.Try(func() { torch.NoGrad(func() { err = writeArray(x, w) }) })
	return errors.Join(failed, err)
}

func writeArray(x *torch.Tensor, w io.Writer) error {
	// Each returns another tensor, or the same again.
	conj := x.ResolveConj()
	defer conj.Close()
	neg := conj.ResolveNeg()
	defer neg.Close()
	host := neg.To(torch.CPU)
	defer host.Close()
	info := Info{Format: typeOf(x.DType()), DType: x.DType(), Shape: x.Shape()}
	turned := host.Permute(reversed(len(info.Shape))...)
	defer turned.Close()
	plain := host
	if !host.IsContiguous() && turned.IsContiguous() {
		info.Fortran, plain = true, turned
	} else {
		plain = host.Contiguous()
		defer plain.Close()
	}
	if _, err := io.WriteString(w, info.header()); err != nil {
		return err
	}
	n := plain.Numel() * plain.ElementSize()
	if n == 0 {
		return nil
	}
	begin := plain.StorageOffset() * plain.ElementSize()
	_, err := w.Write(torch.Internal.Export(nil).Memory(plain)[begin : begin+n])
	runtime.KeepAlive(x)
	return err
}

// header returns what an array begins with, as NumPy writes it: with spaces for a size
// that may grow, up to a multiple of 64 bytes.
func (i *Info) header() string {
	const align, growth = 64, 21
	sizes := make([]string, len(i.Shape))
	for at, n := range i.Shape {
		sizes[at] = fmt.Sprint(n)
	}
	shape, fortran := strings.Join(sizes, ", "), "False"
	if len(sizes) == 1 {
		shape += ","
	}
	if i.Fortran {
		fortran = "True"
		slices.Reverse(sizes)
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }", i.Format, fortran, shape)
	if len(sizes) > 0 {
		text += strings.Repeat(" ", growth-len(sizes[0]))
	}
	const prefix = len(magic) + 4
	text += strings.Repeat(" ", align-(prefix+len(text)+1)%align) + "\n"
	length := binary.LittleEndian.AppendUint16(nil, uint16(len(text))) // 64 dimensions fit
	return magic + "\x01\x00" + string(length) + text
}
