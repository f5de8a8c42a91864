package nn

import "github.com/wangkuiyi/gotorch/torch"

// stateHooks are what [Module.StateDict] and [Module.LoadStateDict] call.
type stateHooks struct {
	savePre  hookList[func(module AnyModule, prefix string)]
	savePost hookList[func(module AnyModule, dict *StateDict, prefix string)]
	loadPre  hookList[func(module AnyModule, dict *StateDict, prefix string)]
	loadPost hookList[func(module AnyModule, keys *IncompatibleKeys)]
}

// stateHooks returns the module's hooks, to read.
func (m *Module) stateHooks() stateHooks {
	if m.states == nil {
		return stateHooks{}
	}
	return *m.states
}

// clone returns the hooks of a copy of the module.
func (h *stateHooks) clone() *stateHooks {
	if h == nil {
		return nil
	}
	return &stateHooks{h.savePre.clone(), h.savePost.clone(), h.loadPre.clone(), h.loadPost.clone()}
}

// stateHooked returns the module's hooks, for one to be added.
func (m *Module) stateHooked() *stateHooks {
	if m.initialized().states == nil {
		m.states = new(stateHooks)
	}
	return m.states
}

// RegisterStateDictPreHook makes f be called before the module's part of a state
// dict is made, by [Module.StateDict] of it or of a module around it. The names of
// that part begin with prefix.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_state_dict_pre_hook
func (m *Module) RegisterStateDictPreHook(f func(module AnyModule, prefix string)) *torch.Hook {
	return m.stateHooked().savePre.add(f, nil)
}

// RegisterStateDictPostHook makes f be called when the module and all within it are
// in a state dict, by [Module.StateDict] of it or of a module around it, under names
// that begin with prefix. f may change the dict, which holds what else was put into
// it before.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_state_dict_post_hook
func (m *Module) RegisterStateDictPostHook(f func(module AnyModule, dict *StateDict, prefix string)) *torch.Hook {
	return m.stateHooked().savePost.add(f, nil)
}

// RegisterLoadStateDictPreHook makes f be called before the module's part of a
// state dict is loaded, by [Module.LoadStateDict] of it or of a module around it. f
// may change the dict, which has only the names that begin with prefix; those who
// gave it do not see that.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_load_state_dict_pre_hook
func (m *Module) RegisterLoadStateDictPreHook(f func(module AnyModule, dict *StateDict, prefix string)) *torch.Hook {
	return m.stateHooked().loadPre.add(f, nil)
}

// RegisterLoadStateDictPostHook makes f be called when the module and all within it
// are loaded, by [Module.LoadStateDict] of it or of a module around it. f may change
// the names, of the whole dict so far, that [LoadOptions] would refuse.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_load_state_dict_post_hook
func (m *Module) RegisterLoadStateDictPostHook(f func(module AnyModule, keys *IncompatibleKeys)) *torch.Hook {
	return m.stateHooked().loadPost.add(f, nil)
}
