// Items: attributes, visibility, and every declaration that is no function.

#include "rune/parser/parser_core.hpp"

namespace rb::rune {

std::span<Item*> Parser::items_until(TokenKind close) {
    std::vector<Item*> items;
    while (!at(close) && !at(TokenKind::end)) {
        if (at(TokenKind::inner_doc)) {
            next();
            continue;
        }
        const std::size_t before = at_;
        try {
            items.push_back(item(/*in_impl=*/false));
            // One `;` may follow any item.
            eat(TokenKind::semicolon);
        } catch (const SyntaxError&) {
            recover(before, Recovery::item);
            if (close == TokenKind::end && at(TokenKind::close_brace)) next();
        }
    }
    return arena_.copy(items);
}

bool Parser::starts_item() const {
    switch (peek().kind) {
        case TokenKind::kw_fn:
        case TokenKind::kw_struct:
        case TokenKind::kw_enum:
        case TokenKind::kw_impl:
        case TokenKind::kw_static:
        case TokenKind::kw_mod:
        case TokenKind::kw_use:
        case TokenKind::kw_pub:
            return true;
        case TokenKind::kw_const:
            return peek(1).kind != TokenKind::open_brace;
        case TokenKind::kw_async:
            return peek(1).kind == TokenKind::kw_fn;
        default:
            return false;
    }
}

Item* Parser::item(bool in_impl) {
    const std::uint32_t start = peek().start;
    const std::size_t first = at_;
    const Attributes found = attributes(/*on_item=*/true);
    if (found.macro) return expand_attribute(*found.macro, first, in_impl);
    const VisibilityKind visible = visibility();
    Item* result = nullptr;
    const TokenKind kind = peek().kind;
    const bool is_function = kind == TokenKind::kw_fn || kind == TokenKind::kw_async ||
                             (kind == TokenKind::kw_const && (peek(1).kind == TokenKind::kw_fn ||
                                                              peek(1).kind == TokenKind::kw_async));
    if (is_function) {
        result = function_item(in_impl, found);
    } else {
        if (found.test || found.bench) {
            report(found.span, DiagnosticClass::attribute, "this attribute belongs on functions");
        }
        if (in_impl) fail("only functions may stand inside `impl`");
        result = declaration(kind);
    }
    result->visibility = visible;
    result->span = span_from(start);
    return result;
}

Item* Parser::declaration(TokenKind kind) {
    switch (kind) {
        case TokenKind::kw_struct:
            return struct_item();
        case TokenKind::kw_enum:
            return enum_item();
        case TokenKind::kw_impl:
            return impl_item();
        case TokenKind::kw_const:
            return const_item();
        case TokenKind::kw_static:
            return static_item();
        case TokenKind::kw_mod:
            return module_item();
        case TokenKind::kw_use:
            return use_item();
        default:
            fail("expected an item, found " + shown(peek()));
    }
}

template <typename T>
T* Parser::named_item(ItemKind kind, std::string_view role) {
    next();
    auto* result = arena_.make<T>();
    result->kind = kind;
    result->name = name(expect(TokenKind::identifier, role));
    return result;
}

Parser::Attributes Parser::attributes(bool on_item) {
    Attributes found;
    while (true) {
        if (at(TokenKind::outer_doc) || at(TokenKind::inner_doc)) {
            next();
        } else if (at(TokenKind::pound) &&
                   (peek(1).kind == TokenKind::open_bracket ||
                    (peek(1).kind == TokenKind::bang && peek(2).kind == TokenKind::open_bracket))) {
            attribute(found, on_item);
            // What follows belongs to the macro.
            if (found.macro) return found;
        } else {
            return found;
        }
    }
}

void Parser::attribute(Attributes& found, bool on_item) {
    const std::size_t from = at_;
    const std::uint32_t start = next().start;
    const bool inner = eat(TokenKind::bang);
    const std::size_t open = at_;
    const Token word = peek(1);
    skip_group();
    const Span where = span_from(start);
    const std::string_view what = text(word);
    const bool bare = at_ == open + 3;
    found.span = where;
    if (!inner && what == "doc") return;
    if (!inner && bare && what == "test") {
        found.test = true;
    } else if (!inner && bare && what == "bench") {
        found.bench = true;
    } else if (!inner && on_item && attribute_macro(found, from)) {
        return;
    } else {
        report(where, DiagnosticClass::attribute,
               "attribute `" + std::string(what) + "` is not supported",
               inner ? "file-level attributes are not supported" : "known are `test` and `bench`");
    }
}

VisibilityKind Parser::visibility() {
    if (!at(TokenKind::kw_pub)) return VisibilityKind::inherited;
    next();
    if (!at(TokenKind::open_paren)) return VisibilityKind::pub;
    next();
    const Token scope = next();
    VisibilityKind kind = VisibilityKind::pub;
    if (scope.kind == TokenKind::kw_crate) {
        kind = VisibilityKind::crate;
    } else if (scope.kind == TokenKind::kw_super) {
        kind = VisibilityKind::super;
    } else if (scope.kind == TokenKind::kw_self) {
        kind = VisibilityKind::self;
    } else if (scope.kind == TokenKind::kw_in) {
        fail_at(span(scope), DiagnosticClass::not_supported, "`pub(in path)` is not supported");
    } else {
        fail_at(span(scope), DiagnosticClass::syntax, "expected `crate`, `super` or `self`");
    }
    expect(TokenKind::close_paren, "after the visibility");
    return kind;
}

Item* Parser::struct_item() {
    auto* result = named_item<StructItem>(ItemKind::structure, "as the struct's name");
    result->shape = shape(result->name);
    if (result->shape.kind != ShapeKind::named) {
        expect(TokenKind::semicolon, "after this struct");
    }
    return result;
}

ShapeDeclaration Parser::shape(Name name) {
    ShapeDeclaration result;
    result.name = name;
    result.kind = ShapeKind::unit;
    std::vector<Name> fields;
    KeySet seen;
    const auto field_list = [&](TokenKind close, bool named) {
        while (!at(close) && !at(TokenKind::end)) {
            attributes();
            visibility();
            const Name field = this->name(expect(TokenKind::identifier, "as a field"));
            if (named && !seen.insert(field.text)) {
                report(field.span, DiagnosticClass::duplicate_key,
                       "field `" + std::string(field.text) + "` is declared twice");
            }
            if (fields.size() >= shape_fields_max) {
                fail_at(field.span, DiagnosticClass::limit, "these are too many fields");
            }
            fields.push_back(field);
            reject_type_annotation();
            if (!eat(TokenKind::comma)) break;
        }
        if (!at(close)) {
            fail("expected `,` or " + std::string(describe(close)) + ", found " + shown(peek()));
        }
        next();
    };
    if (eat(TokenKind::open_paren)) {
        result.kind = ShapeKind::tuple;
        field_list(TokenKind::close_paren, false);
    } else if (eat(TokenKind::open_brace)) {
        result.kind = ShapeKind::named;
        field_list(TokenKind::close_brace, true);
    }
    result.fields = arena_.copy(fields);
    return result;
}

Item* Parser::enum_item() {
    auto* result = named_item<EnumItem>(ItemKind::enumeration, "as the enum's name");
    expect(TokenKind::open_brace, "before the variants");
    std::vector<ShapeDeclaration> variants;
    while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
        attributes();
        variants.push_back(shape(name(expect(TokenKind::identifier, "as a variant"))));
        if (!eat(TokenKind::comma)) break;
    }
    expect(TokenKind::close_brace, "after the variants");
    result->variants = arena_.copy(variants);
    return result;
}

Item* Parser::impl_item() {
    next();
    auto* result = arena_.make<ImplItem>();
    result->kind = ItemKind::impl;
    result->target = path(false);
    result->name = {"impl", result->target->span};
    expect(TokenKind::open_brace, "after the type of `impl`");
    std::vector<FunctionItem*> functions;
    while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
        const std::size_t before = at_;
        try {
            functions.push_back(static_cast<FunctionItem*>(item(/*in_impl=*/true)));
            eat(TokenKind::semicolon);
        } catch (const SyntaxError&) {
            recover(before, Recovery::item);
        }
    }
    expect(TokenKind::close_brace, "after the functions of `impl`");
    result->functions = arena_.copy(functions);
    return result;
}

Item* Parser::const_item() {
    auto* result = named_item<ValueItem>(ItemKind::constant, "as the constant's name");
    reject_type_annotation();
    expect(TokenKind::assign, "after the constant's name");
    FunctionFrame frame;
    const Scoped<FunctionFrame*> current_frame(frame_, &frame);
    result->value = expression();
    result->item_blocks = arena_.copy(frame.item_blocks);
    expect(TokenKind::semicolon, "after the constant");
    return result;
}

Item* Parser::static_item() {
    auto* result = named_item<ValueItem>(ItemKind::static_, "as the static's name");
    reject_type_annotation();
    if (eat(TokenKind::assign)) result->value = expression();
    expect(TokenKind::semicolon, "after the static");
    return result;
}

Item* Parser::module_item() {
    const DepthGuard guard(*this);
    auto* result = named_item<ModuleItem>(ItemKind::module, "as the module's name");
    if (eat(TokenKind::semicolon)) {
        result->is_file = true;
        return result;
    }
    expect(TokenKind::open_brace, "or `;` after the module's name");
    const Scoped<FunctionFrame*> no_frame(frame_, nullptr);
    result->items = items_until(TokenKind::close_brace);
    expect(TokenKind::close_brace, "after the module");
    return result;
}

}  // namespace rb::rune
