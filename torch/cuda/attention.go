package cuda

import "github.com/wangkuiyi/gotorch/torch"

var (
	opCanUseAttention = torch.NewOperator("gotorch_cuda::can_use_attention(int kernel, Tensor query, Tensor key, Tensor value, Tensor? mask, " +
		"float dropout, bool causal, bool gqa, bool debug) -> bool")
	opHasFlashAttention = torch.NewOperator("gotorch_cuda::has_flash_attention() -> bool")
)

// SDPAParams are the arguments of functional.ScaledDotProductAttention.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.cuda.SDPAParams
type SDPAParams struct {
	Query, Key, Value *torch.Tensor
	AttnMask          *torch.Tensor // or nil
	Dropout           float64
	IsCausal          bool
	EnableGQA         bool
	Debug             bool // let libtorch warn why it cannot be used
}

// CanUseFlashAttention reports whether flash attention can compute an attention on CUDA, false
// without CUDA. It panics where gotorch was installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.cuda.can_use_flash_attention
func CanUseFlashAttention(params SDPAParams) bool { return params.can("CanUseFlashAttention", 0) }

// CanUseEfficientAttention is [CanUseFlashAttention] for the kernel that saves memory.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.cuda.can_use_efficient_attention
func CanUseEfficientAttention(params SDPAParams) bool {
	return params.can("CanUseEfficientAttention", 1)
}

// CanUseCuDNNAttention is [CanUseFlashAttention] for cuDNN's kernel.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.cuda.can_use_cudnn_attention
func CanUseCuDNNAttention(params SDPAParams) bool { return params.can("CanUseCuDNNAttention", 2) }

// can asks for a kernel by cuda.cc's number.
func (p SDPAParams) can(name string, kernel int) bool {
	if !IsAvailable() {
		return false
	}
	r := askLibrary("cuda."+name, opCanUseAttention, func(c *torch.Call) {
		c.Int(kernel)
		c.Tensor(p.Query)
		c.Tensor(p.Key)
		c.Tensor(p.Value)
		c.Tensor(p.AttnMask)
		c.Float(p.Dropout)
		c.Bool(p.IsCausal)
		c.Bool(p.EnableGQA)
		c.Bool(p.Debug)
	})
	return r.Bool()
}

// IsFlashAttentionAvailable reports whether libtorch was built with flash attention for CUDA,
// false without CUDA. It panics where gotorch was installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.cuda.is_flash_attention_available
func IsFlashAttentionAvailable() bool {
	if !IsAvailable() {
		return false
	}
	r := askLibrary("cuda.IsFlashAttentionAvailable", opHasFlashAttention, nil)
	return r.Bool()
}
