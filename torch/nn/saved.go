package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// SaveValue lets [torch.Save] write the dict as Python's state_dict().
func (d StateDict) SaveValue() any {
	dict := make(torch.OrderedDict, len(d))
	for i, n := range d {
		dict[i] = torch.Item{Key: n.Name, Value: n.Tensor}
	}
	return dict
}

// LoadValue lets [torch.LoadAs] and [torch.As] read a dict of tensors.
func (d *StateDict) LoadValue(value any) error {
	dict, ok := value.(torch.OrderedDict)
	if !ok {
		return fmt.Errorf("a %T is not a state dict", value)
	}
	*d = make(StateDict, len(dict))
	for i, item := range dict {
		name, ok := item.Key.(string)
		x, isTensor := item.Value.(*torch.Tensor)
		if !ok || !isTensor {
			return fmt.Errorf("%s is not the name of a tensor in a state dict, but of a %T", brief.Value(item.Key), item.Value)
		}
		(*d)[i] = NamedTensor{name, x}
	}
	return nil
}
