package torch

import (
	"errors"
	"fmt"
	"io"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/safetensors"
)

// safetensorsTypes are the dtypes of safetensors' types of elements. There are none for
// elements of 6 bits.
var safetensorsTypes = map[string]DType{
	"U64": Uint64, "I64": Int64, "F64": Float64, "C64": Complex64, "F32": Float32, "U32": Uint32, "I32": Int32,
	"BF16": BFloat16, "F16": Float16, "U16": Uint16, "I16": Int16, "F8_E5M2FNUZ": Float8E5M2FNUZ, "F8_E4M3FNUZ": Float8E4M3FNUZ,
	"F8_E8M0": Float8E8M0FNU, "F8_E4M3": Float8E4M3FN, "F8_E5M2": Float8E5M2, "I8": Int8, "U8": Uint8, "F4": Float4E2M1FNX2, "BOOL": Bool,
}

// SafetensorsType returns the dtype of a type of elements of safetensors, or 0.
func (exports) SafetensorsType(name string) DType { return safetensorsTypes[name] }

// safetensors returns the dict of tensors that a file of safetensors is.
func (l *loader) safetensors(r io.ReaderAt, size int64) (any, error) {
	h, err := safetensors.Read(r, size)
	if err != nil {
		return nil, err
	}
	if l.options.MMap {
		if err := l.mapFile(r, size); err != nil {
			return nil, err
		}
	}
	dict := &pickle.Dict{}
	for _, name := range h.Names {
		x, err := l.safetensor(r, h, h.Infos[name])
		if err == nil {
			err = dict.Add(name, x)
		}
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", brief.Text(name), err)
		}
	}
	return dict, nil
}

// safetensor returns a tensor of a file of safetensors.
func (l *loader) safetensor(r io.ReaderAt, h *safetensors.Header, info safetensors.Info) (x *Tensor, err error) {
	dtype := safetensorsTypes[info.Type]
	if dtype == 0 {
		return nil, fmt.Errorf("torch has no dtype for %s", info.Type)
	}
	device := l.options.MapLocation
	if device == (Device{}) {
		device = CPU
	}
	offset, mapped := h.Data+info.Offset, l.mapped != nil && info.Bytes > 0 && (h.Data+info.Offset)%dtype.ItemSize() == 0
	taken := tensorSize
	if !mapped || device != CPU {
		taken += info.Bytes
	}
	if err := l.budget.Take(taken); err != nil {
		return nil, err
	}
	failed := Try(func() {
		switch {
		case device.IsMeta():
			x = Empty(info.Shape, TensorOptions{DType: dtype, Device: Meta})
		case mapped:
			x = (exports{}).Part(l.mapped, offset, info.Bytes, true, dtype, info.Shape)
		default:
			x = Empty(info.Shape, TensorOptions{DType: dtype, Device: CPU})
			memory := (exports{}).Memory(x)
			_, err = io.ReadFull(io.NewSectionReader(r, int64(offset), int64(info.Bytes)), memory[:info.Bytes])
		}
		if moved := x.To(device); moved != x {
			x.Close()
			x = moved
		}
		l.tensors = append(l.tensors, x)
	})
	return x, errors.Join(failed, err)
}
