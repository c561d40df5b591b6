// What a failure or a collection does to the interpreter's frames and registers.

#include "rune/vm/borrows.hpp"
#include "rune/vm/interpreter.hpp"
#include "rune/vm/iterators.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace rb::rune {

void Interpreter::note_trace() {
    if (trace_noted_) return;
    trace_noted_ = true;
    trace_.clear();
    for (std::size_t i = depth_; i-- > 0;) {
        if (trace_.size() >= trace_frames_max && i > 2) continue;
        const Frame& frame = frames_[i];
        const auto at = static_cast<std::size_t>(frame.pc - frame.code->code.data());
        const Span span = located(unit_.sources, frame.code->spans[at == 0 ? 0 : at - 1]);
        const Source& source = unit_.sources[span.source];
        const Position position = position_of(source.text, span.start);
        trace_.push_back({frame.code->path, source.name, position.line, position.column, span.start,
                          span.end - span.start});
    }
}

void Interpreter::unwind(std::size_t to) {
    while (depth_ > to) {
        Frame& frame = frames_[--depth_];
        fuel_ -= frame.pc - frame.code->code.data();
        for (std::size_t i = 0; i < frame.code->registers; ++i) end_iteration(frame.base[i]);
        if (frame.coroutine != nullptr) settle(*frame.coroutine, CoroutineState::completed);
    }
    // What the failed call held must not outlive it.
    if (depth_ == 0) clear_above(stack_);
}

std::vector<TraceEntry> Interpreter::take_trace() {
    trace_noted_ = false;
    return std::move(trace_);
}

void Interpreter::trace_roots(Tracer& tracer) {
    Value* const end = top();
    // Frames overlap where arguments were passed; all of it is below the top.
    for (Value* at = stack_; at < end; ++at) tracer.visit(*at);
    for (const Value value : statics_) tracer.visit(value);
    tracer.visit(kept_);
    for (std::size_t i = 0; i < depth_; ++i) {
        if (frames_[i].coroutine != nullptr) {
            tracer.visit(Value::reference(frames_[i].coroutine));
        }
    }
    // Registers above the top may name objects that die now: later frames must not find them.
    clear_above(end);
}

void Interpreter::clear_above(Value* end) {
    const auto page = static_cast<std::uintptr_t>(4096);
    const auto from = reinterpret_cast<std::uintptr_t>(end);
    const auto aligned = (from + page - 1) & ~(page - 1);
    std::memset(static_cast<void*>(end), 0, aligned - from);
    auto* rest = reinterpret_cast<std::byte*>(end) + (aligned - from);
    auto* limit = reinterpret_cast<std::byte*>(stack_end_);
    if (rest < limit) {
        madvise(rest, static_cast<std::size_t>(limit - rest), MADV_DONTNEED);
    }
}

void Interpreter::end_iteration(Value iterator) {
    if (!iterator.is(Kind::iterator)) return;
    end_borrow(*static_cast<IteratorObject*>(iterator.object));
}

void Interpreter::clear_dead_registers() {
    if (depth_ == 0) return;
    const Frame& frame = frames_[depth_ - 1];
    const Instruction& in = *(frame.pc - 1);
    std::size_t live = 0;
    switch (in.op) {
        case Opcode::call_native:
        case Opcode::call_method:
            live = in.a + std::size_t{in.b};
            break;
        case Opcode::call_value:
            live = std::max<std::size_t>(in.a + std::size_t{in.b}, in.c + 1U);
            break;
        case Opcode::set_field:
        case Opcode::set_number:
        case Opcode::compound:
            live = std::max(in.a, in.b) + 1U;
            break;
        case Opcode::set_index:
            live = std::max({in.a, in.b, in.c}) + 1U;
            break;
        default:
            return;
    }
    std::fill(frame.base + std::min<std::size_t>(live, frame.code->registers),
              frame.base + frame.code->registers, Value::unit());
}

}  // namespace rb::rune
