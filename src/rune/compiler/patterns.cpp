#include "rune/compiler/compiler_core.hpp"
#include "rune/compiler/const_eval.hpp"

#include <algorithm>

namespace rb::rune {

void FunctionCompiler::test(Opcode op, std::size_t a, std::size_t b, std::size_t c, Jumps& fails,
                            Span span) {
    emit(op, a, b, c, matched_span_.value_or(span));
    fails.push_back(emit_jump(Opcode::jump, 0, span));
}

void FunctionCompiler::demand(Pattern* pattern, Register reg, bool owns_register) {
    Jumps fails;
    this->pattern(pattern, reg, fails, owns_register);
    if (fails.empty()) return;
    const std::size_t matched = emit_jump(Opcode::jump, 0, pattern->span);
    patch(fails);
    panic_with("pattern did not match", pattern->span);
    patch(matched);
}

void FunctionCompiler::pattern(Pattern* pattern, Register reg, Jumps& fails, bool owns_register) {
    switch (pattern->kind) {
        case PatternKind::error:
        case PatternKind::ignore:
            return;
        case PatternKind::path:
            return path_pattern(static_cast<PathPattern*>(pattern), reg, fails, owns_register);
        case PatternKind::literal:
            return literal_pattern(static_cast<LiteralPattern*>(pattern), reg, fails);
        case PatternKind::tuple:
        case PatternKind::vec:
            return list_pattern(static_cast<ListPattern*>(pattern), reg, fails);
        case PatternKind::object:
            return object_pattern(static_cast<FieldsPattern*>(pattern), reg, fails);
        case PatternKind::path_tuple:
            return tuple_struct_pattern(static_cast<ListPattern*>(pattern), reg, fails);
        case PatternKind::path_object:
            return struct_pattern(static_cast<FieldsPattern*>(pattern), reg, fails);
    }
}

void FunctionCompiler::path_pattern(PathPattern* pattern, Register reg, Jumps& fails,
                                    bool owns_register) {
    const Path& path = *pattern->path;
    if (path.is_single()) {
        const std::string_view name = path.segments[0].text;
        if (name != "self" && name != "Self") {
            const Entity entity = compiler_.tree().resolve_name(name, scope_);
            if (entity && entity_pattern(entity, path, reg, fails)) return;
        }
        Register home = reg;
        if (!owns_register) {
            home = allocate(pattern->span);
            emit(Opcode::move, home, reg, 0, pattern->span);
        }
        return bind(name, home);
    }
    const Entity entity = compiler_.tree().resolve(path, scope_, self_type_);
    if (!entity || entity_pattern(entity, path, reg, fails)) return;
    error(DiagnosticClass::pattern, pattern->span,
          "this path cannot be matched; a constant, unit struct or unit variant can");
}

// False when the entity is none a pattern compares with: a single name then binds.
bool FunctionCompiler::entity_pattern(const Entity& entity, const Path& path, Register reg,
                                      Jumps& fails) {
    const Span span = path.span;
    if (const Shape* shape = shape_of(entity)) {
        if (shape->kind != ShapeKind::unit) return false;
        test(Opcode::match_shape, reg, shape_number(entity), 0, fails, span);
        return true;
    }
    if (entity.native != nullptr) {
        if (entity.native->sort == NativeItem::Sort::constant) {
            const_pattern(*entity.native->constant, reg, fails, span);
            return true;
        }
        if (entity.native->sort == NativeItem::Sort::variant &&
            entity.native->variant == BuiltinVariant::none) {
            test(Opcode::match_variant, reg, static_cast<std::size_t>(BuiltinVariant::none), 0,
                 fails, span);
            return true;
        }
        // The one native type without fields that has a name of its own as a pattern.
        if (entity.native->sort == NativeItem::Sort::type &&
            entity.native->type->hash == type_hash("::std::ops::RangeFull")) {
            test(Opcode::match_type, reg,
                 compiler_.inline_constant(Value::type(entity.native->type->hash)), 0, fails, span);
            return true;
        }
        return false;
    }
    const ItemNode& node = *entity.item;
    if (node.sort == NodeSort::constant) {
        if (const ConstValue* value = compiler_.constant(entity.item, span)) {
            const_pattern(*value, reg, fails, span);
        }
        return true;
    }
    if (node.sort == NodeSort::static_) {
        error(DiagnosticClass::pattern, span, "a static cannot be matched",
              "use a guard: `x if x == " + std::string(node.name) + "`");
        return true;
    }
    return false;
}

void FunctionCompiler::const_pattern(const ConstValue& value, Register reg, Jumps& fails,
                                     Span span) {
    if (std::holds_alternative<double>(value.value)) {
        return error(DiagnosticClass::pattern, span, "float constants cannot be matched",
                     "use a guard");
    }
    if (const auto inline_value = inline_of(value)) {
        return test(Opcode::match_inline, reg, compiler_.inline_constant(*inline_value), 0, fails,
                    span);
    }
    test(Opcode::match_const, reg, compiler_.const_value(value), 0, fails, span);
}

void FunctionCompiler::literal_pattern(LiteralPattern* pattern, Register reg, Jumps& fails) {
    const Literal& literal = pattern->value;
    ConstValue value;
    switch (literal.kind) {
        case LiteralKind::boolean:
            value.value = literal.boolean;
            break;
        case LiteralKind::integer:
            value.value = literal.integer;
            break;
        case LiteralKind::unsigned_integer:
            value.value = literal.unsigned_integer;
            break;
        case LiteralKind::floating:
            return;
        case LiteralKind::character:
            value.value = literal.character;
            break;
        case LiteralKind::string:
            value.value = std::string(literal.text);
            break;
        case LiteralKind::bytes:
            value.value = ConstValue::Bytes{std::string(literal.text)};
            break;
    }
    const_pattern(compiler_.keep(std::move(value)), reg, fails, pattern->span);
}

void FunctionCompiler::item_patterns(std::span<Pattern*> items, Register reg, Jumps& fails,
                                     Span span) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i]->kind == PatternKind::ignore) continue;
        const Register item = allocate(span);
        emit(Opcode::get_item, item, reg, i, span);
        pattern(items[i], item, fails, true);
    }
}

void FunctionCompiler::list_pattern(ListPattern* pattern, Register reg, Jumps& fails) {
    test(pattern->kind == PatternKind::tuple ? Opcode::match_tuple : Opcode::match_vec, reg,
         pattern->items.size(), pattern->rest ? 1 : 0, fails, pattern->span);
    item_patterns(pattern->items, reg, fails, pattern->span);
}

void FunctionCompiler::tuple_struct_pattern(ListPattern* pattern, Register reg, Jumps& fails) {
    const Entity entity = compiler_.tree().resolve(*pattern->path, scope_, self_type_);
    if (!entity) return;
    const std::size_t count = pattern->items.size();
    const bool variant =
        entity.native != nullptr && entity.native->sort == NativeItem::Sort::variant;
    const Shape* shape = shape_of(entity);
    if (!variant && (shape == nullptr || shape->kind == ShapeKind::named)) {
        return error(DiagnosticClass::pattern, pattern->span,
                     "this is no tuple struct or tuple variant");
    }
    const std::size_t wanted =
        variant ? (entity.native->variant == BuiltinVariant::none ? 0 : 1) : shape->fields.size();
    if (count > wanted || (count < wanted && !pattern->rest)) {
        return error(DiagnosticClass::argument_count, pattern->span,
                     "this pattern has " + std::to_string(count) + " items, expected " +
                         std::to_string(wanted),
                     count < wanted ? "end it with `..` to ignore the rest" : "");
    }
    if (variant) {
        test(Opcode::match_variant, reg, static_cast<std::size_t>(entity.native->variant), 0, fails,
             pattern->span);
    } else {
        test(Opcode::match_shape, reg, shape_number(entity), 0, fails, pattern->span);
    }
    item_patterns(pattern->items, reg, fails, pattern->span);
}

void FunctionCompiler::object_pattern(FieldsPattern* pattern, Register reg, Jumps& fails) {
    std::vector<std::string_view> names;
    for (const auto& field : pattern->fields) names.push_back(field.key.text);
    const std::uint32_t keys = compiler_.key_list(names);
    test(Opcode::match_object, reg, keys, pattern->rest ? 1 : 0, fails, pattern->span);
    for (const auto& field : pattern->fields) {
        const Register item = allocate(field.key.span);
        const std::uint32_t site = compiler_.site(field.key.text, hash_text(field.key.text));
        emit(Opcode::get_key, item, reg, site, field.key.span);
        if (field.pattern != nullptr) {
            this->pattern(field.pattern, item, fails, true);
        } else {
            bind(field.key.text, item);
        }
    }
}

namespace {

// The fields of a native range type; null for other types.
const std::vector<std::string>* range_fields(ItemHash type) {
    static const std::vector<std::pair<ItemHash, std::vector<std::string>>> ranges = {
        {type_hash("::std::ops::Range"), {"start", "end"}},
        {type_hash("::std::ops::RangeInclusive"), {"start", "end"}},
        {type_hash("::std::ops::RangeFrom"), {"start"}},
        {type_hash("::std::ops::RangeTo"), {"end"}},
        {type_hash("::std::ops::RangeToInclusive"), {"end"}},
        {type_hash("::std::ops::RangeFull"), {}},
    };
    for (const auto& [hash, fields] : ranges) {
        if (hash == type) return &fields;
    }
    return nullptr;
}

}  // namespace

bool FunctionCompiler::range_pattern(FieldsPattern* pattern, Register reg, Jumps& fails) {
    const auto type = type_of_path(*pattern->path);
    // An error that has been reported.
    if (!type) return true;
    const auto* fields = range_fields(*type);
    if (fields == nullptr) return false;
    for (const auto& field : pattern->fields) {
        if (std::find(fields->begin(), fields->end(), field.key.text) == fields->end()) {
            error(DiagnosticClass::field, field.key.span,
                  "this range has no field `" + std::string(field.key.text) + "`");
            return true;
        }
    }
    if (!pattern->rest && pattern->fields.size() < fields->size()) {
        error(DiagnosticClass::field, pattern->span, "this pattern must list all fields",
              "end it with `..` to ignore the rest");
        return true;
    }
    test(Opcode::match_type, reg, compiler_.inline_constant(Value::type(*type)), 0, fails,
         pattern->span);
    for (const auto& field : pattern->fields) {
        const Register item = allocate(field.key.span);
        emit(Opcode::get_field, item, reg,
             compiler_.site(field.key.text, hash_text(field.key.text)), field.key.span);
        if (field.pattern != nullptr) {
            this->pattern(field.pattern, item, fails, true);
        } else {
            bind(field.key.text, item);
        }
    }
    return true;
}

void FunctionCompiler::struct_pattern(FieldsPattern* pattern, Register reg, Jumps& fails) {
    const Entity entity = compiler_.tree().resolve(*pattern->path, scope_, self_type_);
    if (!entity) return;
    const Shape* shape = shape_of(entity);
    if (shape == nullptr) {
        const bool variant =
            entity.native != nullptr && entity.native->sort == NativeItem::Sort::variant;
        if (entity.native != nullptr && !variant && range_pattern(pattern, reg, fails)) return;
        // `Path { .. }` tests the type.
        if (!pattern->fields.empty() || !pattern->rest) {
            return error(DiagnosticClass::pattern, pattern->span,
                         "only `{ .. }` is supported for this type");
        }
        if (variant) {
            return test(Opcode::match_variant, reg,
                        static_cast<std::size_t>(entity.native->variant), 0, fails, pattern->span);
        }
        if (const auto type = type_of_path(*pattern->path)) {
            test(Opcode::match_type, reg, compiler_.inline_constant(Value::type(*type)), 0, fails,
                 pattern->span);
        }
        return;
    }
    for (const auto& field : pattern->fields) {
        if (std::find(shape->fields.begin(), shape->fields.end(), field.key.text) ==
            shape->fields.end()) {
            const std::string near = nearest_name(field.key.text, shape->fields);
            return error(DiagnosticClass::field, field.key.span,
                         "`" + shape->path + "` has no field `" + std::string(field.key.text) + "`",
                         near.empty() ? "" : "did you mean `" + near + "`?");
        }
    }
    if (!pattern->rest && pattern->fields.size() < shape->fields.size()) {
        return error(DiagnosticClass::field, pattern->span,
                     "this pattern must list all fields of `" + shape->path + "`",
                     "end it with `..` to ignore the rest");
    }
    test(Opcode::match_shape, reg, shape_number(entity), 0, fails, pattern->span);
    for (const auto& field : pattern->fields) {
        const auto slot = static_cast<std::size_t>(
            std::find(shape->fields.begin(), shape->fields.end(), field.key.text) -
            shape->fields.begin());
        const Register item = allocate(field.key.span);
        emit(Opcode::get_item, item, reg, slot, field.key.span);
        if (field.pattern != nullptr) {
            this->pattern(field.pattern, item, fails, true);
        } else {
            bind(field.key.text, item);
        }
    }
}

}  // namespace rb::rune
