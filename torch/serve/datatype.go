package serve

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// datatypes are the protocol's names of dtypes.
var datatypes = map[torch.DType]string{
	torch.Bool: "BOOL", torch.Uint8: "UINT8", torch.Uint16: "UINT16", torch.Uint32: "UINT32", torch.Uint64: "UINT64",
	torch.Int8: "INT8", torch.Int16: "INT16", torch.Int32: "INT32", torch.Int64: "INT64",
	torch.Float16: "FP16", torch.BFloat16: "BF16", torch.Float32: "FP32", torch.Float64: "FP64",
}

// dtypes are the dtypes of the protocol's names.
var dtypes = func() map[string]torch.DType {
	m := map[string]torch.DType{}
	for dtype, name := range datatypes {
		m[name] = dtype
	}
	return m
}()

// parseDatatype returns the dtype of a name of the protocol.
func parseDatatype(name string) (torch.DType, error) {
	dtype, ok := dtypes[name]
	if !ok {
		return 0, fmt.Errorf("there is no datatype %s for tensors: want BOOL, UINT8 to UINT64, INT8 to INT64, FP16, BF16, FP32 or FP64", brief.Text(name))
	}
	return dtype, nil
}

// integers are the smallest and the largest value of dtypes; Uint64 goes beyond.
var integers = map[torch.DType]struct{ least, most int64 }{
	torch.Uint8: {0, math.MaxUint8}, torch.Uint16: {0, math.MaxUint16}, torch.Uint32: {0, math.MaxUint32},
	torch.Int8: {math.MinInt8, math.MaxInt8}, torch.Int16: {math.MinInt16, math.MaxInt16},
	torch.Int32: {math.MinInt32, math.MaxInt32}, torch.Int64: {math.MinInt64, math.MaxInt64},
}

// appendNumber appends an element that is written as a number of JSON.
func appendNumber(data []byte, dtype torch.DType, text string, isInt bool) ([]byte, error) {
	order := binary.LittleEndian
	switch dtype {
	case torch.Float64:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, outOfRange(text, dtype)
		}
		return order.AppendUint64(data, math.Float64bits(v)), nil
	case torch.Float32:
		v, err := strconv.ParseFloat(text, 32)
		if err != nil {
			return nil, outOfRange(text, dtype)
		}
		return order.AppendUint32(data, math.Float32bits(float32(v))), nil
	case torch.Float16, torch.BFloat16:
		return nil, fmt.Errorf("%s goes as binary data only", datatypes[dtype])
	case torch.Bool:
		return nil, fmt.Errorf("a BOOL is true or false, not %s", brief.Text(text))
	}
	if !isInt {
		return nil, fmt.Errorf("%s is no integer, as %s has", brief.Text(text), datatypes[dtype])
	}
	if dtype == torch.Uint64 {
		v, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, outOfRange(text, dtype)
		}
		return order.AppendUint64(data, v), nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if limits := integers[dtype]; err != nil || v < limits.least || v > limits.most {
		return nil, outOfRange(text, dtype)
	}
	switch dtype.ItemSize() {
	case 1:
		return append(data, byte(v)), nil
	case 2:
		return order.AppendUint16(data, uint16(v)), nil
	case 4:
		return order.AppendUint32(data, uint32(v)), nil
	}
	return order.AppendUint64(data, uint64(v)), nil
}

func outOfRange(text string, dtype torch.DType) error {
	return fmt.Errorf("%s is out of range for %s", brief.Text(text), datatypes[dtype])
}

// appendElements appends the elements of an array as numbers of JSON with commas.
func appendElements(text []byte, a *Array) ([]byte, error) {
	order := binary.LittleEndian
	size := a.DType.ItemSize()
	for at := 0; at < len(a.Data); at += size {
		if at > 0 {
			text = append(text, ',')
		}
		e := a.Data[at : at+size]
		switch a.DType {
		case torch.Bool:
			text = strconv.AppendBool(text, e[0] != 0)
		case torch.Uint8:
			text = strconv.AppendUint(text, uint64(e[0]), 10)
		case torch.Uint16:
			text = strconv.AppendUint(text, uint64(order.Uint16(e)), 10)
		case torch.Uint32:
			text = strconv.AppendUint(text, uint64(order.Uint32(e)), 10)
		case torch.Uint64:
			text = strconv.AppendUint(text, order.Uint64(e), 10)
		case torch.Int8:
			text = strconv.AppendInt(text, int64(int8(e[0])), 10)
		case torch.Int16:
			text = strconv.AppendInt(text, int64(int16(order.Uint16(e))), 10)
		case torch.Int32:
			text = strconv.AppendInt(text, int64(int32(order.Uint32(e))), 10)
		case torch.Int64:
			text = strconv.AppendInt(text, int64(order.Uint64(e)), 10)
		default:
			var v float64
			bits := 64
			switch a.DType {
			case torch.Float64:
				v = math.Float64frombits(order.Uint64(e))
			case torch.Float32:
				v, bits = float64(math.Float32frombits(order.Uint32(e))), 32
			default:
				return nil, fmt.Errorf("the output %s is of %v, which goes as binary data only", a.Name, a.DType)
			}
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("the output %s has %v, which JSON has not: ask for binary_data", a.Name, v)
			}
			text = strconv.AppendFloat(text, v, 'g', -1, bits)
		}
	}
	return text, nil
}
