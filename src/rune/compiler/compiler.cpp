#include "rune/compiler/compiler.hpp"

#include "rune/compiler/compiler_core.hpp"
#include "rune/compiler/const_eval.hpp"
#include "rune/parser/parser.hpp"
#include "rune/unit.hpp"

#include <algorithm>

namespace rb::rune {

void Compiler::run() {
    for (ItemNode& node : tree_.nodes()) {
        if (node.sort == NodeSort::function && node.function != nullptr) {
            const FunctionItem& item = *node.function;
            const bool is_public = item.visibility != VisibilityKind::inherited;
            const bool is_method = node.self_type != nullptr && item.has_self;
            const bool is_main = item.name.text == "main" && node.parent == tree_.root();
            // Constant functions are evaluated where they are used, and compiled when called.
            if (is_public || is_method || item.is_test || is_main) {
                FunctionCode* code = function(&node);
                code->is_entry = true;
            }
        }
    }
    for (ItemNode& node : tree_.nodes()) {
        if (node.sort != NodeSort::static_ || node.value->value == nullptr) continue;
        ConstEvaluator evaluator(*this, node.parent, nullptr);
        if (auto value = evaluator.evaluate(node.value->value)) {
            unit_.statics[node.static_number] = std::move(*value);
        }
    }
    while (!queue_.empty()) {
        ItemNode* node = queue_.front();
        queue_.pop_front();
        FunctionCompiler(*this, *node->code, node, node->self_type)
            .compile(*node->function->function, false);
    }
    for (FunctionCode& code : unit_.functions) {
        unit_.longest_code = std::max(unit_.longest_code, code.code.size());
        if (code.is_entry) unit_.entries.emplace(code.path, &code);
    }
}

FunctionCode* Compiler::new_code() {
    FunctionCode* code = &unit_.functions.emplace_back();
    numbers_.emplace(code, static_cast<std::uint32_t>(unit_.functions.size() - 1));
    return code;
}

std::uint32_t Compiler::number_of(const FunctionCode* code) const {
    return numbers_.at(code);
}

FunctionCode* Compiler::function(ItemNode* node) {
    if (node->code != nullptr) return node->code;
    FunctionCode* code = new_code();
    node->code = code;
    code->path = node->path;
    code->span = node->function->name.span;
    code->parameters = static_cast<std::uint16_t>(node->function->function->parameters.size());
    code->is_test = node->function->is_test;
    code->is_async = node->function->function->is_async;
    if (node->self_type != nullptr && node->function->has_self) {
        node->self_type->type->methods.emplace(method_hash(node->name), Callee{nullptr, code});
    }
    queue_.push_back(node);
    return code;
}

const ConstValue* Compiler::constant(ItemNode* node, Span use) {
    if (node->progress == Progress::done) return node->constant ? &*node->constant : nullptr;
    if (node->progress == Progress::running) {
        sink_.error(DiagnosticClass::const_eval, use,
                    "constant `" + std::string(node->name) + "` depends on itself");
        return nullptr;
    }
    node->progress = Progress::running;
    ConstEvaluator evaluator(*this, node->parent, nullptr);
    node->constant = evaluator.evaluate(node->value->value);
    node->progress = Progress::done;
    return node->constant ? &*node->constant : nullptr;
}

std::uint32_t Compiler::string(std::string_view text) {
    const auto [it, fresh] =
        strings_.emplace(text, static_cast<std::uint32_t>(unit_.strings.size()));
    if (fresh) unit_.strings.emplace_back(text);
    return it->second;
}

std::uint32_t Compiler::inline_constant(Value value) {
    const auto number = static_cast<std::uint32_t>(unit_.inline_constants.size());
    const auto [it, fresh] = inline_constants_[static_cast<std::size_t>(value.tag)].emplace(
        value.unsigned_integer, number);
    if (fresh) unit_.inline_constants.push_back(value);
    return it->second;
}

std::uint32_t Compiler::const_value(const ConstValue& value) {
    const auto [it, fresh] =
        const_numbers_.emplace(&value, static_cast<std::uint32_t>(unit_.constants.size()));
    if (fresh) unit_.constants.push_back(value);
    return it->second;
}

std::uint32_t Compiler::native(const NativeFunction* function) {
    const auto [it, fresh] =
        natives_.emplace(function, static_cast<std::uint32_t>(unit_.natives.size()));
    if (fresh) unit_.natives.push_back(function);
    return it->second;
}

std::uint32_t Compiler::shape(const Shape* shape) {
    const auto [it, fresh] =
        native_shapes_.emplace(shape, static_cast<std::uint32_t>(unit_.shapes.size()));
    if (fresh) unit_.shapes.push_back(shape);
    return it->second;
}

const KeyObject* Compiler::key(std::string_view text) {
    const auto it = keys_.find(std::string(text));
    if (it != keys_.end()) return it->second;
    unit_.keys.push_back(make_key(text));
    return keys_.emplace(text, unit_.keys.back().get()).first->second;
}

std::uint32_t Compiler::site(std::string_view name, ItemHash hash) {
    unit_.sites.push_back({std::string(name), hash, key(name)});
    return static_cast<std::uint32_t>(unit_.sites.size() - 1);
}

std::uint32_t Compiler::key_list(const std::vector<std::string_view>& names) {
    std::vector<const KeyObject*> list;
    for (const auto name : names) list.push_back(key(name));
    unit_.key_lists.push_back(std::move(list));
    return static_cast<std::uint32_t>(unit_.key_lists.size() - 1);
}

// --- FunctionCompiler: the frame -----------------------------------------------------------------

FunctionCompiler::FunctionCompiler(Compiler& compiler, FunctionCode& code, ItemNode* scope,
                                   ItemNode* self_type, FunctionCompiler* outer)
    : compiler_(compiler), code_(code), scope_(scope), self_type_(self_type), outer_(outer) {}

void FunctionCompiler::compile(const FunctionBody& body, bool is_closure) {
    const std::size_t parameters = body.parameters.size();
    is_async_ = body.is_async;
    code_.parameters = narrow(parameters);
    code_.sort = body.is_async ? (body.has_yield ? CallSort::stream : CallSort::async)
                               : (body.has_yield ? CallSort::generator : CallSort::plain);
    const Span span = body.body->span;
    allocate_many(parameters, span);
    if (is_closure) {
        const auto add = [&](std::string_view name) {
            if (std::find(capturable_.begin(), capturable_.end(), name) == capturable_.end() &&
                outer_->can_see(name)) {
                capturable_.push_back(name);
            }
        };
        for (const auto name : body.referenced) add(name);
        if (body.has_late_format) {
            for (const auto& local : outer_->locals_) add(local.name);
            for (const auto name : outer_->capturable_) add(name);
        }
        allocate_many(capturable_.size(), span);
    }
    for (std::size_t i = 0; i < parameters; ++i) {
        demand(body.parameters[i], narrow(i), true);
    }
    const Register result = allocate(span);
    into(body.body, result);
    emit_return(Opcode::return_value, result, {span.end - 1, span.end, span.source});
    code_.captures = narrow(captured_.size());
    if (overflowed_) code_.code.clear();
}

std::size_t FunctionCompiler::emit(Opcode op, std::size_t a, std::size_t b, std::size_t c,
                                   Span span) {
    code_.code.push_back({op, narrow(a), narrow(b), narrow(c)});
    code_.spans.push_back(span);
    if (c > 0xFFFF || b > 0xFFFF) {
        if (!overflowed_) error(DiagnosticClass::limit, span, "this program is too large");
        overflowed_ = true;
    }
    return code_.code.size() - 1;
}

std::size_t FunctionCompiler::emit_wide(Opcode op, std::size_t a, std::uint32_t wide, Span span) {
    const std::size_t at = emit(op, a, 0, 0, span);
    code_.code[at].set_wide(wide);
    return at;
}

std::size_t FunctionCompiler::emit_jump(Opcode op, std::size_t a, Span span) {
    return emit(op, a, 0, 0, span);
}

void FunctionCompiler::emit_return(Opcode op, std::size_t a, Span span) {
    emit_wide(op, a, static_cast<std::uint32_t>(here() + 1), span);
}

// Called where an instruction may stand on its own. A run of code without a jump back or a call
// must not get far beyond the budget before that is noticed.
void FunctionCompiler::look_at_budget(Span span) {
    if (here() < next_look_) return;
    next_look_ = here() + straight_run_max;
    emit(Opcode::look_at_budget, 0, 0, 0, span);
}

void FunctionCompiler::patch(std::size_t jump) {
    // Relative to the instruction behind the jump.
    code_.code[jump].set_wide(static_cast<std::uint32_t>(here() - jump - 1));
}

void FunctionCompiler::patch(const Jumps& jumps) {
    for (const std::size_t jump : jumps) patch(jump);
}

void FunctionCompiler::jump_back(std::size_t target, Span span) {
    const std::size_t distance = here() + 1 - target;
    emit_wide(Opcode::jump_back, 0, static_cast<std::uint32_t>(distance), span);
}

FunctionCompiler::Register FunctionCompiler::allocate(Span span) {
    return allocate_many(1, span);
}

FunctionCompiler::Register FunctionCompiler::allocate_many(std::size_t count, Span span) {
    const std::size_t first = next_register_;
    if (first + count > registers_max) {
        if (!overflowed_) error(DiagnosticClass::limit, span, "this function is too large");
        overflowed_ = true;
        return 0;
    }
    next_register_ += count;
    code_.registers = std::max(code_.registers, static_cast<std::uint32_t>(next_register_));
    return narrow(first);
}

void FunctionCompiler::error(DiagnosticClass diagnostic_class, Span span, std::string message,
                             std::string hint) {
    compiler_.sink().error(diagnostic_class, span, std::move(message), std::move(hint));
}

FunctionCompiler::Local* FunctionCompiler::find_local(std::string_view name) {
    const ItemHash hash = hash_text(name);
    for (std::size_t i = locals_.size(); i-- > 0;) {
        if (locals_[i].hash == hash && locals_[i].name == name) return &locals_[i];
    }
    for (Local& local : captured_locals_) {
        if (local.name == name) return &local;
    }
    if (outer_ == nullptr ||
        std::find(capturable_.begin(), capturable_.end(), name) == capturable_.end()) {
        return nullptr;
    }
    captured_.push_back(name);
    const auto reg = narrow(code_.parameters + captured_.size() - 1);
    captured_locals_.push_back({name, reg, false, hash});
    return &captured_locals_.back();
}

bool FunctionCompiler::can_see(std::string_view name) const {
    const auto named = [&](const Local& local) { return local.name == name; };
    if (std::any_of(locals_.begin(), locals_.end(), named)) return true;
    return std::find(capturable_.begin(), capturable_.end(), name) != capturable_.end();
}

void FunctionCompiler::bind(std::string_view name, Register reg) {
    locals_.push_back({name, reg, false, hash_text(name)});
}

FunctionCompiler::Register FunctionCompiler::use_local(Local& local, Span span) {
    if (local.moved) {
        error(DiagnosticClass::moved, span,
              "variable `" + std::string(local.name) + "` was moved into a `move` closure",
              "remove `move`, or give the closure a clone");
    }
    return local.reg;
}

std::vector<std::string> FunctionCompiler::local_names() const {
    std::vector<std::string> names;
    for (const FunctionCompiler* at = this; at != nullptr; at = at->outer_) {
        for (const auto& local : at->locals_) names.emplace_back(local.name);
    }
    return names;
}

}  // namespace rb::rune
