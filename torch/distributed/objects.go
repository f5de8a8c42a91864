package distributed

import (
	"bytes"
	"encoding/gob"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// The functions of this file move values of Go, which package encoding/gob writes and
// reads, between ranks written in Go: Python's functions of these names move pickles. For
// ranks of both kinds there are tensors of bytes, and stores.

// encode writes a value as a tensor of bytes.
func encode[T any](value T) (*torch.Tensor, error) {
	var buffer bytes.Buffer
	if err := gob.NewEncoder(&buffer).Encode(&value); err != nil {
		return nil, refusal(torch.TypeError, "the value cannot be sent: %v", err)
	}
	return torch.FromSlice(buffer.Bytes()), nil
}

// decode reads a value that encode wrote in the first size bytes of a tensor.
func decode[T any](x *torch.Tensor, size int64) (value T, err error) {
	data := torch.ToSlice[uint8](x)[:size]
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&value); err != nil {
		if len(data) > 1 && data[0] == 0x80 && data[1] <= 5 {
			return value, refusal(torch.TypeError, "what was received is a pickle of a rank in Python: objects go between ranks in Go only")
		}
		return value, refusal(torch.TypeError, "what was received is no %T: %v", value, err)
	}
	return value, nil
}

// bytesOf returns an empty tensor of so many bytes.
func bytesOf(n int64) *torch.Tensor {
	return torch.Empty([]int{int(n)}, torch.TensorOptions{DType: torch.Uint8})
}

// padded returns a tensor of bytes as one of n.
func padded(x *torch.Tensor, n int64) *torch.Tensor {
	whole := bytesOf(n)
	whole.Narrow(0, 0, x.Size(0)).CopyInplace(x)
	return whole
}

// announce returns a value as bytes, as many as the greatest of all ranks' has, and how many
// each rank's has.
func announce[T any](op string, value T, o Options) (x *torch.Tensor, sizes []int64, err error) {
	if err := refuseAsync(op, o); err != nil {
		return nil, nil, err
	}
	if x, err = encode(value); err != nil {
		return nil, nil, o.Group.fail(op, err)
	}
	g, err := member("AllGatherObject", o.Group)
	if err != nil {
		return nil, nil, err
	}
	all := torch.Zeros([]int{len(g.ranks)}, torch.TensorOptions{DType: torch.Int64})
	if _, err := AllGatherSingle(all, torch.FromSlice([]int64{int64(x.Size(0))}), o); err != nil {
		return nil, nil, err
	}
	sizes = torch.ToSlice[int64](all)
	return padded(x, slices.Max(sizes)), sizes, nil
}

// refuseAsync refuses options that objects have not.
func refuseAsync(op string, o Options) error {
	if o.Async {
		return o.Group.fail(op, refusal(torch.ValueError, "objects cannot be moved async"))
	}
	return nil
}

// AllGatherObject returns the values of all processes, by rank. Package encoding/gob moves
// them, so unexported fields do not go along, and the ranks must be written in Go. It cannot
// be Async.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.all_gather_object
func AllGatherObject[T any](value T, options ...Options) ([]T, error) {
	const op = "AllGatherObject"
	o := option.First(options)
	x, sizes, err := announce(op, value, o)
	if err != nil {
		return nil, err
	}
	outputs := make([]*torch.Tensor, len(sizes))
	for i := range outputs {
		outputs[i] = bytesOf(int64(x.Size(0)))
	}
	if _, err := AllGather(outputs, x, o); err != nil {
		return nil, err
	}
	return decodeAll[T](op, outputs, sizes, o)
}

func decodeAll[T any](op string, list []*torch.Tensor, sizes []int64, o Options) ([]T, error) {
	values := make([]T, len(list))
	for i, x := range list {
		value, err := decode[T](x, sizes[i])
		if err != nil {
			return nil, o.Group.fail(op, err)
		}
		values[i] = value
	}
	return values, nil
}

// GatherObject returns the values of all processes, by rank, to the process dst, and nil to
// the others. What [AllGatherObject] says of values holds here too.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.gather_object
func GatherObject[T any](value T, dst int, options ...Options) ([]T, error) {
	const op = "GatherObject"
	o := option.First(options)
	x, sizes, err := announce(op, value, o)
	if err != nil {
		return nil, err
	}
	var outputs []*torch.Tensor
	if GetRank() == dst {
		for range sizes {
			outputs = append(outputs, bytesOf(int64(x.Size(0))))
		}
	}
	if _, err := Gather(x, outputs, dst, o); err != nil || outputs == nil {
		return nil, err
	}
	return decodeAll[T](op, outputs, sizes, o)
}

// BroadcastObject returns the value of the process src to all. What [AllGatherObject] says of
// values holds here too.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.broadcast_object_list
func BroadcastObject[T any](value T, src int, options ...Options) (T, error) {
	const op = "BroadcastObject"
	o := option.First(options)
	if err := refuseAsync(op, o); err != nil {
		return value, err
	}
	size, x := torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.Int64}), (*torch.Tensor)(nil)
	source := GetRank() == src
	if source {
		var err error
		if x, err = encode(value); err != nil {
			return value, o.Group.fail(op, err)
		}
		size.FillInplace(x.Size(0))
	}
	if _, err := Broadcast(size, src, o); err != nil {
		return value, err
	}
	if !source {
		x = bytesOf(int64(size.Int()))
	}
	if _, err := Broadcast(x, src, o); err != nil || source {
		return value, err
	}
	value, err := decode[T](x, int64(size.Int()))
	if err != nil {
		err = o.Group.fail(op, err)
	}
	return value, err
}

// ScatterObjectList returns to each process one of the values of the process src, by rank;
// the others give nil. What [AllGatherObject] says of values holds here too.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.scatter_object_list
func ScatterObjectList[T any](values []T, src int, options ...Options) (value T, err error) {
	const op = "ScatterObjectList"
	o := option.First(options)
	g, err := member(op, o.Group)
	if err == nil {
		err = refuseAsync(op, o)
	}
	if err != nil {
		return value, err
	}
	var encoded, sizes []*torch.Tensor
	most := int64(0)
	if GetRank() == src {
		if len(values) != len(g.ranks) {
			return value, g.fail(op, refusal(torch.ValueError, "there are %d values, but the group has %d processes", len(values), len(g.ranks)))
		}
		for _, v := range values {
			x, err := encode(v)
			if err != nil {
				return value, g.fail(op, err)
			}
			encoded = append(encoded, x)
			sizes = append(sizes, torch.FromSlice([]int64{int64(x.Size(0))}))
			most = max(most, int64(x.Size(0)))
		}
		for i, x := range encoded {
			encoded[i] = padded(x, most)
		}
	}
	length, size := torch.FromSlice([]int64{most}), torch.FromSlice([]int64{0})
	if _, err := Broadcast(length, src, o); err != nil {
		return value, err
	}
	if _, err := Scatter(size, sizes, src, o); err != nil {
		return value, err
	}
	x := bytesOf(int64(length.Int()))
	if _, err := Scatter(x, encoded, src, o); err != nil {
		return value, err
	}
	value, err = decode[T](x, int64(size.Int()))
	if err != nil {
		err = g.fail(op, err)
	}
	return value, err
}

// SendObject sends a value to the process dst, which calls [RecvObject]. What
// [AllGatherObject] says of values holds here too.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.send_object_list
func SendObject[T any](value T, dst int, options ...MessageOptions) error {
	o := option.First(options)
	x, err := encode(value)
	if err != nil {
		return o.Group.fail("SendObject", err)
	}
	if err := Send(torch.FromSlice([]int64{int64(x.Size(0))}), dst, o); err != nil {
		return err
	}
	return Send(x, dst, o)
}

// RecvObject receives a value from the process src, or from [AnySource].
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.recv_object_list
func RecvObject[T any](src int, options ...MessageOptions) (value T, err error) {
	o := option.First(options)
	size := torch.FromSlice([]int64{0})
	if src, err = Recv(size, src, o); err != nil {
		return value, err
	}
	x := bytesOf(int64(size.Int()))
	if _, err := Recv(x, src, o); err != nil {
		return value, err
	}
	value, err = decode[T](x, int64(size.Int()))
	if err != nil {
		err = o.Group.fail("RecvObject", err)
	}
	return value, err
}
