#include "cli/program.hpp"

#include "cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>

namespace rb::cli {

namespace {

constexpr char examples[] = R"(
Examples:
  rustbill-cli user list
  rustbill-cli user create --username admin2 --role admin        (asks for the password)
  rustbill-cli user create --username admin2 --password … --role support
  rustbill-cli user password --username admin2                   (he has lost his; asks for the new)
  rustbill-cli user factors clear --username admin2              (his phone is lost)
  rustbill-cli user factors require on                           (of every administrator)
  rustbill-cli plugin list --json
  rustbill-cli db status
  rustbill-cli ledger verify && echo the books balance

The database is that of config.toml and config.local.toml in the working directory (or of CONFIG_FILE
and LOCAL_CONFIG_FILE), or of DATABASE_URL.

Exit codes: 0 good; 1 bad news (a ledger row is wrong, the schema differs); 2 the question could not
be answered.)";

using Command = std::function<Result<int>(Backend&, Format)>;

// The options of all commands, filled by CLI11.
struct Arguments {
    bool json = false;
    std::string user_type;
    UserCreateOptions user;
    UserPasswordOptions new_password;
    FactorsClearOptions factors_clear;
    std::string factors_setting;
    Command chosen;
};

void add_factor_commands(CLI::App& user, Arguments& arguments, const Surroundings& surroundings) {
    auto* factors = user.add_subcommand("factors", "Second factors: authenticator app, passkeys");
    factors->require_subcommand(1);

    auto* clear = factors->add_subcommand(
        "clear",
        "Take away all of a user's, who then signs in by password alone; ends his sessions");
    clear->add_option("--username", arguments.factors_clear.username, "Who")->required();
    clear->add_option("--type", arguments.factors_clear.type, "`admin` or `customer`")
        ->capture_default_str();
    clear->callback([&] {
        arguments.chosen = [&](Backend& backend, Format format) {
            return run_factors_clear(backend, arguments.factors_clear, surroundings.out, format);
        };
    });

    auto* require = factors->add_subcommand(
        "require", "Whether an administrator without one may do nothing but set one up");
    require->add_option("setting", arguments.factors_setting, "on or off")->required();
    require->callback([&] {
        arguments.chosen = [&](Backend& backend, Format format) {
            return run_factors_require(backend, arguments.factors_setting, surroundings.out,
                                       format);
        };
    });
}

// How a command is told a password; nothing stands there unless it is given so.
CLI::Option* add_password_option(CLI::App& command, std::string& password) {
    return command.add_option(
        "--password", password,
        "Seen by everybody on this machine; leave it out to be asked, or give "
        "it on standard input");
}

void add_password_command(CLI::App& user, Arguments& arguments, const Surroundings& surroundings) {
    auto* command = user.add_subcommand(
        "password", "Give a new password to who has lost his; ends his sign-ins");
    auto& options = arguments.new_password;
    command->add_option("--username", options.username, "Who")->required();
    command->add_option("--type", options.type, "`admin` or `customer`")->capture_default_str();
    auto* password = add_password_option(*command, options.password);
    command->callback([&, password] {
        arguments.chosen = [&, password](Backend& backend, Format format) -> Result<int> {
            if (password->count() == 0) options.password = TRY(surroundings.read_password());
            return run_user_password(backend, options, surroundings.out, format);
        };
    });
}

void add_user_commands(CLI::App& app, Arguments& arguments, const Surroundings& surroundings) {
    auto* user = app.add_subcommand("user", "Users: administrators and customers");
    user->require_subcommand(1);
    add_factor_commands(*user, arguments, surroundings);
    add_password_command(*user, arguments, surroundings);

    auto* list = user->add_subcommand("list", "List users, oldest first");
    list->add_option("--type", arguments.user_type, "Only `admin` or `customer`");
    list->callback([&] {
        arguments.chosen = [&](Backend& backend, Format format) {
            UserListOptions options;
            if (!arguments.user_type.empty()) options.type = arguments.user_type;
            return run_user_list(backend, options, surroundings.out, format);
        };
    });

    auto* create = user->add_subcommand("create", "Create a user");
    create->add_option("--username", arguments.user.username, "3 to 64 letters, digits, . _ -")
        ->required();
    auto* password = add_password_option(*create, arguments.user.password);
    create
        ->add_option("--role", arguments.user.role, "admin, finance, support, readonly or customer")
        ->capture_default_str();
    create->add_option("--email", arguments.user.email, "Where notices go");
    create->add_option("--display-name", arguments.user.display_name, "Name for people");
    create->callback([&, password] {
        arguments.chosen = [&, password](Backend& backend, Format format) -> Result<int> {
            if (password->count() == 0) arguments.user.password = TRY(surroundings.read_password());
            return run_user_create(backend, arguments.user, surroundings.out, format);
        };
    });
}

void add_simple_command(CLI::App& app, Arguments& arguments, const Surroundings& surroundings,
                        const char* area, const char* area_help, const char* name, const char* help,
                        Result<int> (*run)(Backend&, std::ostream&, Format)) {
    auto* group = app.add_subcommand(area, area_help);
    group->require_subcommand(1);
    group->add_subcommand(name, help)->callback([&arguments, &surroundings, run] {
        arguments.chosen = [&surroundings, run](Backend& backend, Format format) {
            return run(backend, surroundings.out, format);
        };
    });
}

void complain(const Surroundings& surroundings, const Error& error) {
    surroundings.err << "rustbill-cli: " << error.message << '\n';
    // The operator at the database's side is who may read the detail.
    if (!error.detail.empty()) surroundings.err << "  " << error.detail << '\n';
}

int run_chosen(const Arguments& arguments, const Surroundings& surroundings) {
    const auto loaded = config::load_config(surroundings.environment, config::Need::database);
    if (loaded.has_error()) {
        complain(surroundings, loaded.error());
        return exit_failed;
    }
    for (const auto& warning : loaded->warnings) {
        surroundings.err << "rustbill-cli: warning: " << warning << '\n';
    }
    Backend backend(loaded->config.db);
    const auto code = arguments.chosen(backend, arguments.json ? Format::json : Format::text);
    if (code.has_error()) {
        complain(surroundings, code.error());
        return exit_failed;
    }
    return *code;
}

}  // namespace

int run_program(const std::vector<std::string>& words, const Surroundings& surroundings) {
    CLI::App app("RustBill's command line, straight on the database.", "rustbill-cli");
    app.footer(examples);
    app.require_subcommand(1);
    app.fallthrough();
    Arguments arguments;
    app.add_flag("--json", arguments.json, "Print JSON, for programs");
    add_user_commands(app, arguments, surroundings);
    add_simple_command(app, arguments, surroundings, "plugin", "Plugins and their interfaces",
                       "list", "List plugins and interfaces", run_plugin_list);
    add_simple_command(app, arguments, surroundings, "db", "The database", "status",
                       "Show the state of every migration", run_db_status);
    add_simple_command(app, arguments, surroundings, "ledger", "The books", "verify",
                       "Derive every balance anew and name the first row that is wrong",
                       run_ledger_verify);

    // CLI11 takes them from the last to the first.
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    try {
        app.parse(reversed);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error, surroundings.out, surroundings.err);
        return code == 0 ? exit_ok : exit_failed;
    }
    return run_chosen(arguments, surroundings);
}

}  // namespace rb::cli
