// Package amp is PyTorch's torch.amp, automatic mixed precision: operators run in a
// dtype of lower precision where that pays, and losses are scaled so that small
// gradients do not vanish in it.
//
//	scaler := amp.NewGradScaler()
//	for batch := range batches {
//		optimizer.ZeroGrad()
//		loss := amp.AutocastValue(torch.CUDA(0), func() *torch.Tensor {
//			return criterion.Forward(net.Forward(batch.Data), batch.Target)
//		})
//		scaler.Scale(loss).Backward()
//		scaler.Step(optimizer)
//		scaler.Update()
//	}
//
// BFloat16, which the CPU casts to by default, has Float32's range and needs no
// scaling.
//
// https://docs.pytorch.org/docs/stable/amp.html
package amp

import "github.com/wangkuiyi/gotorch/torch"

// AutocastOptions are the options of [Autocast].
type AutocastOptions = torch.AutocastOptions

// Autocast calls f in mixed precision on devices of a type: [torch.Autocast].
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.autocast
func Autocast(device torch.Device, f func(), options ...AutocastOptions) {
	torch.Autocast(device, f, options...)
}

// AutocastValue returns what f returns, which it calls in [Autocast]:
//
//	loss := amp.AutocastValue(device, func() *torch.Tensor { return criterion.Forward(net.Forward(x), y) })
//	scaler.Scale(loss).Backward()
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.autocast
func AutocastValue[T any](device torch.Device, f func() T, options ...AutocastOptions) (value T) {
	if f == nil {
		panic(torch.Errorf("amp.AutocastValue", torch.TypeError, "the function is nil"))
	}
	torch.Autocast(device, func() { value = f() }, options...)
	return value
}

// IsAutocastAvailable reports whether there is autocast for devices of a type:
// [torch.IsAutocastAvailable].
//
// https://docs.pytorch.org/docs/stable/amp.html#torch.amp.autocast_mode.is_autocast_available
func IsAutocastAvailable(device torch.Device) bool { return torch.IsAutocastAvailable(device) }
