#include "rune/parser/parser_core.hpp"

namespace rb::rune {

Parser::Parser(const Source& source, std::uint32_t number, Arena& arena, DiagnosticSink& sink)
    : source_(source), number_(number), arena_(arena), sink_(sink) {
    tokens_ = tokenize(source.text, number, sink);
}

ParsedSource Parser::parse(bool script_mode) {
    if (!script_mode) return {.items = items_until(TokenKind::end)};
    FunctionFrame frame;
    frame_ = &frame;
    auto* function = arena_.make<FunctionItem>();
    function->kind = ItemKind::function;
    function->visibility = VisibilityKind::pub;
    function->name = {"main", {0, 0, number_}};
    function->function = arena_.make<FunctionBody>();
    Block* body = open_block();
    statements(body, TokenKind::end);
    auto* expr = make<BlockExpr>(ExprKind::block, 0);
    expr->block = body;
    function->function->body = expr;
    function->function->has_await = frame.has_await;
    function->function->has_yield = frame.has_yield;
    function->function->is_async = frame.has_await;
    function->item_blocks = arena_.copy(frame.item_blocks);
    function->span = span_from(0);
    frame_ = nullptr;
    return {.items = {}, .script = function};
}

const Token& Parser::peek(std::size_t ahead) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

Token Parser::next() {
    const Token token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
}

bool Parser::eat(TokenKind kind) {
    if (!at(kind)) return false;
    next();
    return true;
}

Token Parser::expect(TokenKind kind, std::string_view where) {
    if (at(kind)) return next();
    std::string message = "expected " + std::string(describe(kind)) + " " + std::string(where) +
                          ", found " + std::string(describe(peek().kind));
    std::string hint;
    if (kind == TokenKind::identifier && is_keyword(peek().kind)) {
        hint = "`" + std::string(text(peek())) + "` is a reserved word";
    }
    fail(std::move(message), std::move(hint));
}

std::string_view Parser::text(const Token& token) const {
    return std::string_view(source_.text).substr(token.start, token.end - token.start);
}

Span Parser::span(const Token& token) const {
    return {token.start, token.end, number_};
}

Span Parser::span_from(std::uint32_t start) const {
    const std::uint32_t end = at_ == 0 ? start : tokens_[at_ - 1].end;
    return {start, std::max(start, end), number_};
}

void Parser::fail(std::string message, std::string hint) {
    fail_at(span(peek()), DiagnosticClass::syntax, std::move(message), std::move(hint));
}

void Parser::fail_at(Span where, DiagnosticClass diagnostic_class, std::string message,
                     std::string hint) {
    report(where, diagnostic_class, std::move(message), std::move(hint));
    throw SyntaxError{};
}

void Parser::report(Span where, DiagnosticClass diagnostic_class, std::string message,
                    std::string hint) {
    sink_.error(diagnostic_class, where, std::move(message), std::move(hint));
}

// Skips one token, or a whole bracketed group.
void Parser::skip_group() {
    int open = 0;
    do {
        switch (next().kind) {
            case TokenKind::open_brace:
            case TokenKind::open_paren:
            case TokenKind::open_bracket:
            case TokenKind::hole_open:
                ++open;
                break;
            case TokenKind::close_brace:
            case TokenKind::close_paren:
            case TokenKind::close_bracket:
            case TokenKind::hole_close:
                --open;
                break;
            default:
                break;
        }
    } while (open > 0 && !at(TokenKind::end));
}

void Parser::recover_item() {
    while (!at(TokenKind::end) && !at(TokenKind::close_brace)) {
        if (eat(TokenKind::semicolon)) return;
        if (starts_item()) return;
        skip_group();
    }
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
            leave_groups(before);
            if (at_ == before) skip_group();
            recover_item();
            poison(before);
            if (close == TokenKind::end && at(TokenKind::close_brace)) next();
        }
    }
    return arena_.copy(items);
}

Item* Parser::item(bool in_impl) {
    const std::uint32_t start = peek().start;
    const Attributes found = attributes();
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
        switch (kind) {
            case TokenKind::kw_struct:
                result = struct_item();
                break;
            case TokenKind::kw_enum:
                result = enum_item();
                break;
            case TokenKind::kw_impl:
                result = impl_item();
                break;
            case TokenKind::kw_const:
                result = const_item();
                break;
            case TokenKind::kw_static:
                result = static_item();
                break;
            case TokenKind::kw_mod:
                result = module_item();
                break;
            case TokenKind::kw_use:
                result = use_item();
                break;
            default:
                fail("expected an item, found " + std::string(describe(kind)));
        }
    }
    result->visibility = visible;
    result->span = span_from(start);
    return result;
}

Parser::Attributes Parser::attributes() {
    Attributes found;
    while (true) {
        if (at(TokenKind::outer_doc) || at(TokenKind::inner_doc)) {
            next();
        } else if (at(TokenKind::pound) &&
                   (peek(1).kind == TokenKind::open_bracket ||
                    (peek(1).kind == TokenKind::bang && peek(2).kind == TokenKind::open_bracket))) {
            attribute(found);
        } else {
            return found;
        }
    }
}

void Parser::attribute(Attributes& found) {
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

FunctionItem* Parser::function_item(bool in_impl, const Attributes& found) {
    auto* result = arena_.make<FunctionItem>();
    result->kind = ItemKind::function;
    result->is_const = eat(TokenKind::kw_const);
    const bool is_async = eat(TokenKind::kw_async);
    expect(TokenKind::kw_fn, "to begin a function");
    result->name = name(expect(TokenKind::identifier, "as the function's name"));
    if (at(TokenKind::lt)) {
        fail_at(span(peek()), DiagnosticClass::not_supported,
                "generic parameters are not supported");
    }
    result->is_test = found.test;
    const bool nested = frame_ != nullptr && frame_->in_function;
    if ((found.test || found.bench) && (nested || result->is_const)) {
        report(found.span, DiagnosticClass::attribute,
               "this attribute is not supported on const functions and inside functions");
    }
    FunctionFrame frame;
    result->function = function_body(frame, is_async, in_impl, result->has_self, false);
    result->item_blocks = arena_.copy(frame.item_blocks);
    return result;
}

FunctionBody* Parser::function_body(FunctionFrame& frame, bool is_async, bool in_impl,
                                    bool& has_self, bool nested) {
    (void)nested;
    auto* body = arena_.make<FunctionBody>();
    FunctionFrame* const outer_frame = frame_;
    Block* const outer_block = block_;
    frame_ = &frame;
    block_ = nullptr;
    const auto restore = [&] {
        frame_ = outer_frame;
        block_ = outer_block;
    };
    try {
        expect(TokenKind::open_paren, "before the parameters");
        const auto list = parameters(in_impl, has_self);
        expect(TokenKind::close_paren, "after the parameters");
        if (at(TokenKind::arrow)) {
            report(span(peek()), DiagnosticClass::not_supported, "return types are not supported",
                   "remove the type");
            next();
            path(false);
        }
        body->parameters = arena_.copy(list);
        const std::size_t first = referenced_.size();
        const std::uint32_t start = peek().start;
        Block* inner = block();
        auto* expr = make<BlockExpr>(ExprKind::block, start);
        expr->block = inner;
        body->body = expr;
        referenced_.resize(first);
    } catch (const SyntaxError&) {
        restore();
        throw;
    }
    restore();
    body->is_async = is_async;
    body->has_yield = frame.has_yield;
    body->has_await = frame.has_await;
    return body;
}

std::vector<Pattern*> Parser::parameters(bool in_impl, bool& has_self) {
    std::vector<Pattern*> list;
    while (!at(TokenKind::close_paren) && !at(TokenKind::end)) {
        attributes();
        if (at(TokenKind::kw_self)) {
            if (!in_impl || !list.empty()) {
                report(span(peek()), DiagnosticClass::wrong_place,
                       "`self` may only be the first parameter of a function inside `impl`");
            }
            has_self = true;
        }
        list.push_back(pattern());
        reject_type_annotation();
        if (!eat(TokenKind::comma)) break;
    }
    return list;
}

void Parser::reject_type_annotation() {
    if (!at(TokenKind::colon)) return;
    report(span(peek()), DiagnosticClass::not_supported, "type annotations are not supported",
           "remove the type");
    next();
    path(false);
}

Item* Parser::struct_item() {
    next();
    auto* result = arena_.make<StructItem>();
    result->kind = ItemKind::structure;
    const Token name_token = expect(TokenKind::identifier, "as the struct's name");
    result->name = name(name_token);
    result->shape = shape(name_token);
    if (result->shape.kind != ShapeKind::named) {
        expect(TokenKind::semicolon, "after this struct");
    }
    return result;
}

ShapeDeclaration Parser::shape(const Token& name_token) {
    ShapeDeclaration result;
    result.name = name(name_token);
    result.kind = ShapeKind::unit;
    std::vector<Name> fields;
    const auto field_list = [&](TokenKind close, bool named) {
        while (!at(close) && !at(TokenKind::end)) {
            attributes();
            visibility();
            Name field = name(expect(TokenKind::identifier, "as a field"));
            for (const auto& other : fields) {
                if (named && other.text == field.text) {
                    report(field.span, DiagnosticClass::duplicate_key,
                           "field `" + std::string(field.text) + "` is declared twice");
                }
            }
            fields.push_back(field);
            reject_type_annotation();
            if (!eat(TokenKind::comma)) break;
        }
        expect(close, "after the fields");
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
    next();
    auto* result = arena_.make<EnumItem>();
    result->kind = ItemKind::enumeration;
    result->name = name(expect(TokenKind::identifier, "as the enum's name"));
    expect(TokenKind::open_brace, "before the variants");
    std::vector<ShapeDeclaration> variants;
    while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
        attributes();
        variants.push_back(shape(expect(TokenKind::identifier, "as a variant")));
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
            leave_groups(before);
            if (at_ == before) skip_group();
            recover_item();
            poison(before);
        }
    }
    expect(TokenKind::close_brace, "after the functions of `impl`");
    result->functions = arena_.copy(functions);
    return result;
}

Item* Parser::const_item() {
    next();
    auto* result = arena_.make<ValueItem>();
    result->kind = ItemKind::constant;
    result->name = name(expect(TokenKind::identifier, "as the constant's name"));
    reject_type_annotation();
    expect(TokenKind::assign, "after the constant's name");
    FunctionFrame frame;
    FunctionFrame* const outer = frame_;
    frame.in_function = outer != nullptr;
    frame_ = &frame;
    try {
        result->value = expression();
    } catch (const SyntaxError&) {
        frame_ = outer;
        throw;
    }
    frame_ = outer;
    result->item_blocks = arena_.copy(frame.item_blocks);
    expect(TokenKind::semicolon, "after the constant");
    return result;
}

Item* Parser::static_item() {
    next();
    auto* result = arena_.make<ValueItem>();
    result->kind = ItemKind::static_;
    result->name = name(expect(TokenKind::identifier, "as the static's name"));
    reject_type_annotation();
    if (eat(TokenKind::assign)) result->value = expression();
    expect(TokenKind::semicolon, "after the static");
    return result;
}

Item* Parser::module_item() {
    next();
    const DepthGuard guard(*this);
    auto* result = arena_.make<ModuleItem>();
    result->kind = ItemKind::module;
    result->name = name(expect(TokenKind::identifier, "as the module's name"));
    if (eat(TokenKind::semicolon)) {
        result->is_file = true;
        return result;
    }
    expect(TokenKind::open_brace, "or `;` after the module's name");
    FunctionFrame* const outer = frame_;
    frame_ = nullptr;
    result->items = items_until(TokenKind::close_brace);
    frame_ = outer;
    expect(TokenKind::close_brace, "after the module");
    return result;
}

Item* Parser::use_item() {
    next();
    auto* result = arena_.make<UseItem>();
    result->kind = ItemKind::use;
    std::vector<UseLeaf> leaves;
    const bool global = eat(TokenKind::colon_colon);
    use_tree({}, global, leaves);
    result->name = {"use", {}};
    expect(TokenKind::semicolon, "after the import");
    result->leaves = arena_.copy(leaves);
    return result;
}

void Parser::use_tree(std::vector<PathSegment> prefix, bool global, std::vector<UseLeaf>& leaves) {
    const DepthGuard guard(*this);
    const auto path_of = [&] {
        auto* path = arena_.make<Path>();
        path->global = global;
        path->segments = arena_.copy(prefix);
        path->span = prefix.empty() ? span(peek()) : prefix.front().span;
        if (!prefix.empty()) path->span.end = prefix.back().span.end;
        return path;
    };
    while (true) {
        if (at(TokenKind::star)) {
            leaves.push_back({path_of(), name(next()), true});
            return;
        }
        if (eat(TokenKind::open_brace)) {
            while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
                use_tree(prefix, global, leaves);
                if (!eat(TokenKind::comma)) break;
            }
            expect(TokenKind::close_brace, "after the group");
            return;
        }
        const Token token = next();
        const bool keyword = token.kind == TokenKind::kw_self ||
                             token.kind == TokenKind::kw_super ||
                             token.kind == TokenKind::kw_crate || token.kind == TokenKind::kw_Self;
        if (token.kind != TokenKind::identifier && !keyword) {
            fail_at(span(token), DiagnosticClass::syntax,
                    "expected a name, `*` or `{` in this import, found " +
                        std::string(describe(token.kind)));
        }
        // `use a::{self}` imports `a`.
        const bool names_prefix = token.kind == TokenKind::kw_self && !prefix.empty();
        if (!names_prefix) prefix.push_back({text(token), span(token), {}});
        if (!names_prefix && eat(TokenKind::colon_colon)) continue;
        Name alias = {prefix.back().text, prefix.back().span};
        if (eat(TokenKind::kw_as)) {
            if (at(TokenKind::underscore)) {
                next();
                alias.text = {};
            } else {
                alias = name(expect(TokenKind::identifier, "after `as`"));
            }
        }
        leaves.push_back({path_of(), alias, false});
        return;
    }
}

}  // namespace rb::rune
