package attention

import (
	"maps"
	"slices"
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// FlashAttentionImpl registers kernels of its own for flash attention with libtorch, such as
// those of a library that torch.LoadLibrary opens, and returns what takes them away again.
type FlashAttentionImpl func() (restore func())

// implementations are those that were registered, and which one is active.
var implementations = struct {
	sync.Mutex
	known   map[string]FlashAttentionImpl
	active  string
	restore func()
}{known: map[string]FlashAttentionImpl{}}

// RegisterFlashAttentionImpl gives an implementation of flash attention a name. PyTorch's own
// names, FA3 and FA4, are packages of Python's, which Go has not.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.register_flash_attention_impl.html
func RegisterFlashAttentionImpl(name string, implementation FlashAttentionImpl) {
	argument.NotNil("attention.RegisterFlashAttentionImpl", "implementation", implementation)
	implementations.Lock()
	defer implementations.Unlock()
	implementations.known[name] = implementation
}

// ActivateFlashAttentionImpl lets a registered implementation register its kernels, in place of
// those of the one before. It panics where there is none of the name.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.activate_flash_attention_impl.html
func ActivateFlashAttentionImpl(name string) {
	implementations.Lock()
	implementation := implementations.known[name]
	implementations.Unlock()
	if implementation == nil {
		panic(torch.Errorf("attention.ActivateFlashAttentionImpl", torch.ValueError, "Unknown flash attention impl '%s'. Available implementations: %q",
			name, ListFlashAttentionImpls()))
	}
	RestoreFlashAttentionImpl()
	restore := implementation()
	implementations.Lock()
	defer implementations.Unlock()
	implementations.active, implementations.restore = name, restore
}

// ListFlashAttentionImpls returns the names of the registered implementations, in order.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.list_flash_attention_impls.html
func ListFlashAttentionImpls() []string {
	implementations.Lock()
	defer implementations.Unlock()
	return slices.Sorted(maps.Keys(implementations.known))
}

// CurrentFlashAttentionImpl returns the name of the active implementation, "" for libtorch's
// own.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.current_flash_attention_impl.html
func CurrentFlashAttentionImpl() string {
	implementations.Lock()
	defer implementations.Unlock()
	return implementations.active
}

// RestoreFlashAttentionImpl takes the active implementation away, so that libtorch's own
// computes flash attention. Where none is active it does nothing.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.restore_flash_attention_impl.html
func RestoreFlashAttentionImpl() {
	implementations.Lock()
	restore := implementations.restore
	implementations.active, implementations.restore = "", nil
	implementations.Unlock()
	if restore != nil {
		restore()
	}
}
