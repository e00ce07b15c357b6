//! Values by how urgent a call is.

pub use gateway_model::Class;

/// One value for each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByClass<T> {
    /// That of [`Class::Order`].
    pub order: T,
    /// That of [`Class::Checkout`].
    pub checkout: T,
    /// That of [`Class::Push`].
    pub push: T,
    /// That of [`Class::Account`].
    pub account: T,
    /// That of [`Class::Browse`].
    pub browse: T,
}

// === impl ByClass ===

impl<T> ByClass<T> {
    /// One value for each class, made from it.
    pub fn from_fn(mut value: impl FnMut(Class) -> T) -> Self {
        Self {
            order: value(Class::Order),
            checkout: value(Class::Checkout),
            push: value(Class::Push),
            account: value(Class::Account),
            browse: value(Class::Browse),
        }
    }

    /// The value of a class.
    pub const fn of(&self, class: Class) -> &T {
        match class {
            Class::Order => &self.order,
            Class::Checkout => &self.checkout,
            Class::Push => &self.push,
            Class::Account => &self.account,
            Class::Browse => &self.browse,
        }
    }

    /// The value of a class, to be changed.
    pub const fn of_mut(&mut self, class: Class) -> &mut T {
        match class {
            Class::Order => &mut self.order,
            Class::Checkout => &mut self.checkout,
            Class::Push => &mut self.push,
            Class::Account => &mut self.account,
            Class::Browse => &mut self.browse,
        }
    }

    /// Each class with its value, the most urgent one first.
    pub fn iter(&self) -> impl Iterator<Item = (Class, &T)> {
        Class::ALL.into_iter().map(|class| (class, self.of(class)))
    }
}
