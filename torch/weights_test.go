package torch_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
)

// Every tensor of the weights that packages bring is the one that Python reads, whatever
// format they are in. scripts/weights_check.py fetches them.
func TestWeights(t *testing.T) {
	dir := os.Getenv("GOTORCH_WEIGHTS")
	if dir == "" {
		t.Skip("GOTORCH_WEIGHTS is not set to what scripts/weights_check.py made")
	}
	data, err := os.ReadFile(filepath.Join(dir, "weights.json"))
	require.NoError(t, err)
	var files map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &files))
	for name, content := range files {
		var want map[string][3]any
		readable := json.Unmarshal(content, &want) == nil
		for _, o := range []torch.LoadOptions{{MapLocation: torch.CPU}, {MapLocation: torch.CPU, MMap: true}} {
			value, err := torch.Load(filepath.Join(dir, name), o)
			if !readable {
				assert.Error(t, err, "Python says %s", content)
				t.Logf("%s: %v", name, err)
				continue
			}
			if err != nil && o.MMap {
				assert.ErrorContains(t, err, "load it without MMap")
				continue
			}
			if !assert.NoError(t, err) {
				continue
			}
			got := map[string][3]any{}
			eachTensor("", value, func(name string, x *torch.Tensor) { got[name] = digest(x) })
			assert.Equal(t, want, got, name)
			t.Logf("%s: %d tensors", name, len(got))
		}
	}
}

// digest is what scripts/weights_check.py says of a tensor.
func digest(x *torch.Tensor) [3]any {
	bytes := x.Detach().Contiguous().View(-1).ViewDType(torch.Uint8)
	sum := sha256.Sum256(torch.ToSlice[uint8](bytes))
	shape := []any{}
	for _, n := range x.Shape() {
		shape = append(shape, float64(n))
	}
	return [3]any{x.DType().String(), shape, hex.EncodeToString(sum[:])}
}

// eachTensor calls visit for the tensors of a value, by their places.
func eachTensor(name string, value any, visit func(name string, x *torch.Tensor)) {
	in := func(key, value any) {
		path := fmt.Sprint(key)
		if name != "" {
			path = name + "." + path
		}
		eachTensor(path, value, visit)
	}
	switch v := value.(type) {
	case *torch.Tensor:
		visit(name, v)
	case map[string]any:
		for key, value := range v {
			in(key, value)
		}
	case map[any]any:
		for key, value := range v {
			in(key, value)
		}
	case torch.OrderedDict:
		for _, item := range v {
			in(item.Key, item.Value)
		}
	case []any:
		for i, value := range v {
			in(i, value)
		}
	case torch.Tuple:
		for i, value := range v {
			in(i, value)
		}
	}
}
