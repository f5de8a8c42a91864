"""Tables of torch.profiler for fixed events: torch/profiler/testdata/tables.json.gz.

Events are made by hand with times in nanoseconds, nested in one another, some of a
backward pass, and averaged and printed in many ways.

The second case is what the profiler says of a network's passes.
"""

import torch
from torch import nn, optim
from torch.autograd import DeviceType
from torch.autograd.profiler_util import EventList, FunctionEvent

MAIN, WORKER = 1, 7
# name, thread, start, end, scope, shapes, FLOPs, memory, stack, sequence number, forward thread
EVENTS = [
    ("ProfilerStep*", MAIN, 0, 2_500_000, 7, [], 0, 1124, [], -1, 0),
    ("aten::linear", MAIN, 1_000, 60_500, 0, [[4, 5], [3, 5], [3]], 0, 48, ["net.go(12): main.(*Net).Forward", "main.go(40): main.main"], 3, 0),
    ("aten::t", MAIN, 2_000, 9_001, 0, [[3, 5]], 0, 0, ["net.go(12): main.(*Net).Forward", "main.go(40): main.main"], 3, 0),
    ("aten::transpose", MAIN, 3_000, 8_000, 0, [[3, 5], [], []], 0, 0, ["net.go(12): main.(*Net).Forward", "main.go(40): main.main"], 3, 0),
    ("aten::addmm", MAIN, 10_000, 60_000, 0, [[3], [4, 5], [5, 3], [], []], 120, 48, ["net.go(12): main.(*Net).Forward", "main.go(40): main.main"], 3, 0),
    ("aten::add", MAIN, 70_000, 75_250, 0, [[4, 3], [4, 3], []], 12, 48, ["net.go(13): main.(*Net).Forward", "main.go(40): main.main"], 4, 0),
    ("aten::add", MAIN, 80_000, 1_305_250, 0, [[400, 3], [400, 3], []], 1_200_000, 3 << 20, ["a/very/long/path/to/a/package/of/somebody/else/with/a/file/that/is/long/network.go(14): network.(*Net).Forward", "main.go(40): main.main"], 5, 0),
    ("aten::contiguous", MAIN, 1_400_000, 1_500_000, 0, [[2]], 0, 0, [], -1, 0),
    ("aten::contiguous", MAIN, 1_410_000, 1_490_000, 0, [[2]], 0, 0, [], -1, 0),
    ("aten::clone", MAIN, 1_420_000, 1_480_000, 0, [[2], []], 0, 5 << 30, [], -1, 0),
    ("autograd::engine::evaluate_function: AddmmBackward0", WORKER, 1_600_000, 1_900_123, 1, [], 0, -96, [], 3, 1),
    ("AddmmBackward0", WORKER, 1_610_000, 1_880_000, 1, [[4, 3]], 0, 160, [], 3, 1),
    ("aten::mm", WORKER, 1_620_000, 1_700_000, 0, [[4, 3], [3, 5]], 120, 160, [], -1, 0),
    ("my region with é", MAIN, 1_950_000, 2_400_000, 7, [], 0, 0, [], -1, 0),
    ("aten::empty", MAIN, 1_960_000, 1_960_999, 0, [[], [], [], [], [], []], 0, 1100, [], -1, 0),
    ("[memory]", MAIN, 2_600_000, 2_600_000, 0, [], 0, -2048, [], -1, 1),
]
KEYS = [{}, {"group_by_input_shapes": True}, {"group_by_stack_n": 2}, {"group_by_input_shapes": True, "group_by_stack_n": 1}]
SORTS = [None, "cpu_time", "cpu_time_total", "self_cpu_time_total", "cpu_memory_usage", "self_cpu_memory_usage", "count", "flops"]
TABLES = [
    {"row_limit": 3}, {"row_limit": 0}, {"row_limit": -1}, {"max_name_column_width": 20}, {"max_name_column_width": None},
    {"max_shapes_column_width": 10}, {"max_shapes_column_width": None}, {"max_src_column_width": 20}, {"max_src_column_width": None},
    {"header": "All of it"}, {"top_level_events_only": True}, {"time_unit": "s"}, {"time_unit": "ms"}, {"time_unit": "us"},
]


def events(memory, flops):
    made = EventList([
        FunctionEvent(
            id=i + 1, name=name, thread=thread, start_us=start / 1000, end_us=end / 1000, overload_name="", fwd_thread=forward,
            input_shapes=shapes, stack=stack, scope=scope, cpu_memory_usage=bytes, sequence_nr=sequence, flops=count,
            device_type=DeviceType.CPU, is_user_annotation=scope == 7,
        )
        for i, (name, thread, start, end, scope, shapes, count, bytes, stack, sequence, forward) in enumerate(EVENTS)
    ], profile_memory=memory, with_flops=flops)
    made._build_tree()
    return made


def program():
    """Averages by name and shapes of a forward and a backward pass, with all that is recorded."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 6 * 6, 5))
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    x, y = torch.randn(4, 1, 8, 8), torch.tensor([0, 1, 2, 3])

    def step():
        optimizer.zero_grad()
        with torch.profiler.record_function("forward"):
            loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()

    step()
    with torch.profiler.profile(record_shapes=True, profile_memory=True, with_flops=True) as p:
        step()
    return [
        {"name": e.key, "shapes": str(e.input_shapes), "count": e.count, "flops": e.flops, "memory": e.self_cpu_memory_usage}
        for e in p.key_averages(group_by_input_shape=True)
    ]


def cases():
    tables = []
    for memory, flops in [(False, False), (True, False), (True, True)]:
        for keys in KEYS:
            for options in [{"sort_by": s} for s in SORTS] + TABLES if memory == flops or not keys else [{}]:
                text = events(memory, flops).key_averages(**keys).table(**options)
                tables.append({"memory": memory, "flops": flops, "keys": keys, "options": options, "table": text})
    names = ["name", "thread", "start", "end", "scope", "shapes", "flops", "memory", "stack", "sequence", "forward"]
    return [{"program": program()}, {"events": [dict(zip(names, e)) for e in EVENTS], "tables": tables}]
