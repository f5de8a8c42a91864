package port

import (
	"go/types"
	"slices"
)

// addDistributed adds the functions of torch.distributed to the specials.
func addDistributed() {
	for name, goName := range map[string]string{"all_reduce": "AllReduce", "broadcast": "Broadcast", "barrier": "Barrier",
		"init_process_group": "InitProcessGroup", "destroy_process_group": "DestroyProcessGroup", "is_initialized": "IsInitialized",
		"get_rank": "GetRank", "get_world_size": "GetWorldSize"} {
		specials["torch.distributed."+name] = collective(goName)
	}
	for _, path := range []string{"torch.utils.data.distributed.DistributedSampler", "torch.utils.data.DistributedSampler"} {
		specials[path] = distributedSampler
	}
	specials["torch.nn.parallel.DistributedDataParallel"] = dataParallel
}

// collectiveParameters are Python's of the functions of torch.distributed.
var collectiveParameters = map[string][]parameter{
	"AllReduce":        append(required("tensor"), keywords("op", "group", "async_op")...),
	"Broadcast":        append(required("tensor", "src"), keywords("group", "async_op")...),
	"Barrier":          keywords("group", "async_op"),
	"InitProcessGroup": keywords("backend", "init_method", "timeout", "world_size", "rank", "store"),
}

// collective returns the translation of a function of torch.distributed.
func collective(goName string) func(w *writer, n *node) value {
	return func(w *writer, n *node) value {
		return w.rewrite(n, "distributed."+goName, collectiveParameters[goName]...)
	}
}

// dataParallel translates DistributedDataParallel(module).
func dataParallel(w *writer, n *node) value {
	bound := w.bind(n, append(required("module"), keywords("device_ids", "output_device")...))
	if bound[0].node == nil {
		fail(n, "no module")
	}
	if bound[1].node != nil || bound[2].node != nil {
		w.report.note(w.source, n, "the module is moved to its device before")
	}
	v := w.expression(bound[0].node)
	generic, ok := w.named("torch/nn/parallel", "DistributedDataParallel").(*types.Named)
	if v.typ == nil || !w.isModule(v.typ) || !ok {
		fail(n, "a module that is not known")
	}
	made, err := types.Instantiate(nil, generic, []types.Type{v.typ}, false)
	if err != nil {
		fail(n, "a DistributedDataParallel of a %s", typeText(v.typ))
	}
	return w.failing(n, "parallel.NewDistributedDataParallel("+v.text+")", types.NewPointer(made))
}

// distributedSampler translates DistributedSampler(dataset, num_replicas, rank).
func distributedSampler(w *writer, n *node) value {
	called := *n
	for i, k := range called.Keywords {
		if k.Name == "num_replicas" {
			renamed := *k
			renamed.Name = "replicas"
			called.Keywords = slices.Clone(called.Keywords)
			called.Keywords[i] = &renamed
		}
	}
	if len(called.Arguments)+len(called.Keywords) < 3 {
		fail(n, "a sampler that asks for its processes")
	}
	return w.rewrite(&called, "data.NewDistributedSampler", append(required("dataset", "replicas", "rank"),
		parameter{name: "shuffle", optional: true, defaultValue: "True"}, parameter{name: "seed", optional: true, defaultValue: "0"}, parameter{name: "drop_last", optional: true, defaultValue: "False"})...)
}
