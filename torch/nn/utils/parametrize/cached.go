package parametrize

import (
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// cache holds what parametrizations computed within [Cached].
var cache struct {
	sync.Mutex
	depth   int
	tensors map[*ParametrizationList]*torch.Tensor
}

// Cached calls f. Within it each parametrized tensor is computed once, at its first
// use, which helps modules that run several times, such as the cells of recurrent
// networks. It holds for all goroutines.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.cached.html
func Cached(f func()) {
	argument.NotNil("parametrize.Cached", "the function", f)
	enter(1)
	defer enter(-1)
	f()
}

func enter(step int) {
	cache.Lock()
	defer cache.Unlock()
	if cache.depth += step; cache.depth == 0 || cache.tensors == nil {
		cache.tensors = map[*ParametrizationList]*torch.Tensor{}
	}
}

// cached returns what compute gives, or what it gave before within [Cached].
func cached(list *ParametrizationList, compute func() *torch.Tensor) *torch.Tensor {
	cache.Lock()
	x, on := cache.tensors[list], cache.depth > 0
	cache.Unlock()
	if x != nil {
		return x
	}
	x = compute()
	if on {
		cache.Lock()
		defer cache.Unlock()
		cache.tensors[list] = x
	}
	return x
}
