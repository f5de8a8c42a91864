// Graphs of accelerators, such as CUDA's: what a stream is told to do is captured, and done
// again by one call.
#include "accelerator.h"

#if __has_include(<ATen/accelerator/Graph.h>)
#define CTORCH_GRAPHS
#include <ATen/accelerator/Graph.h>
#endif

namespace ctorch {

#ifdef CTORCH_GRAPHS

namespace {

struct GraphObject final : torch::CustomClassHolder {
  explicit GraphObject(bool keep) : graph(keep) {}
  at::accelerator::Graph graph;
};

const auto graph_class = torch::class_<GraphObject>("gotorch", "Graph");

}  // namespace

const std::vector<Method> of_graphs = {
    {"graph.new",
     [](Reader& r, Writer& results) {
       accelerator();
       results.put(c10::make_intrusive<GraphObject>(r.take_bool()));
     }},
    // Captures what the thread tells its current stream to do. Two INTs are the memory pool,
    // zeros for a new one; a third the mode.
    {"graph.begin",
     [](Reader& r, Writer&) {
       auto object = take_object<GraphObject>(r);
       const auto first = static_cast<c10::CaptureId_t>(r.take_int());
       const auto second = static_cast<c10::CaptureId_t>(r.take_int());
       object->graph.capture_begin({first, second}, static_cast<at::GraphCaptureMode>(r.take_int()));
     }},
    {"graph.end", [](Reader& r, Writer&) { take_object<GraphObject>(r)->graph.capture_end(); }},
    {"graph.instantiate", [](Reader& r, Writer&) { take_object<GraphObject>(r)->graph.instantiate(); }},
    {"graph.replay", [](Reader& r, Writer&) { take_object<GraphObject>(r)->graph.replay(); }},
    {"graph.reset", [](Reader& r, Writer&) { take_object<GraphObject>(r)->graph.reset(); }},
    {"graph.debug_mode", [](Reader& r, Writer&) { take_object<GraphObject>(r)->graph.enable_debug_mode(); }},
    {"graph.debug_dump",
     [](Reader& r, Writer&) {
       auto object = take_object<GraphObject>(r);
       object->graph.debug_dump(r.take_string());
     }},
    {"graph.pool",
     [](Reader& r, Writer& results) {
       const auto [first, second] = take_object<GraphObject>(r)->graph.pool();
       results.put(static_cast<int64_t>(first));
       results.put(static_cast<int64_t>(second));
     }},
};

#else

// All else is called with what graph.new gives.
const std::vector<Method> of_graphs = {
    {"graph.new", [](Reader&, Writer&) { too_old("graphs of devices; 2.15 has them"); }},
};

#endif

}  // namespace ctorch
